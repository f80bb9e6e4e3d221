#pragma once

#include <string>
#include <string_view>

namespace livefair::api {

/// `text` for HTML, between tags or inside a quoted attribute.
std::string escape_html(std::string_view text);

}  // namespace livefair::api
