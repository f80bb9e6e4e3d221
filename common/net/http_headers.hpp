#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"

/// Header fields as lists and words. Private to common/net.
namespace livefair::net {

/// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text);
/// ASCII alone.
std::string to_lower(std::string_view text);
bool contains(const std::vector<std::string>& list, std::string_view text);
/// All entries of a header that is a comma-separated list, from all its lines, in order, trimmed, without empty ones.
std::vector<std::string> list_of(const HttpRequest& request, std::string_view name);

}  // namespace livefair::net
