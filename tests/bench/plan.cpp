#include "bench/plan.hpp"

#include "base/log.hpp"

namespace livefair::bench {

void Plan::add(std::string path, const google::protobuf::Message& object) { steps_.push_back({std::move(path), to_json(object)}); }

net::Task<Result<>> Plan::carry_out(Api& api) const {
    for (const Step& step : steps_) {
        const auto done = co_await api.ensure(step.path, step.json);
        if (done) continue;
        log::error("step_failed", {{"path", step.path}, {"body", step.json}, {"error", done.error().message()}});
        co_return done.error();
    }
    co_return Result<>();
}

std::string in_show(std::string_view show, std::string_view collection) {
    return "/api/v1/shows/" + std::string(show) + "/" + std::string(collection);
}

}  // namespace livefair::bench
