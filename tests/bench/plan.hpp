#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/api.hpp"

namespace livefair::bench {

/// What is to exist, in order: each object is POSTed once, and one that exists already stays as it is.
class Plan {
public:
    void add(std::string path, const google::protobuf::Message& object);
    /// Errors: those of Api; what came before stays.
    net::Task<Result<>> carry_out(Api& api) const;

private:
    struct Step {
        std::string path;
        std::string json;
    };
    std::vector<Step> steps_;
};

/// "/api/v1/shows/SHOW/COLLECTION".
std::string in_show(std::string_view show, std::string_view collection);

}  // namespace livefair::bench
