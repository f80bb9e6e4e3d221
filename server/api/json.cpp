#include "api/json.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "net/utf8.hpp"

namespace livefair::api {
namespace {

/// Deepest nesting of brackets outside strings. Needs no valid JSON: what is not is refused by the parser afterwards.
int depth_of(std::string_view json) {
    int depth = 0, deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return deepest;
}

/// The parser's own words, shortened: they name the field and the value's place, and come from our field names and
/// the sender's text alone.
std::string shortened(std::string_view text) {
    constexpr std::size_t bytes_max = 200;
    std::string line;
    for (const char c : text.substr(0, bytes_max)) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    while (!net::is_utf8(line)) line.pop_back();
    return line;
}

Problem bad_json(std::string_view why) {
    return {Errc::invalid_input, "请求内容有误：" + std::string(why),
            "The body is not what this call takes: " + std::string(why)};
}

}  // namespace

std::optional<Problem> read_body(const net::HttpRequest& request, google::protobuf::Message& message) {
    if (request.body.empty()) return std::nullopt;
    if (!net::is_utf8(request.body)) return bad_json("not UTF-8");
    if (depth_of(request.body) > json_depth_max) return bad_json("nested too deep");
    const auto status = google::protobuf::util::JsonStringToMessage(request.body, &message);
    if (!status.ok()) return bad_json(shortened(std::string_view(status.message().data(), status.message().size())));
    return std::nullopt;
}

net::HttpResponse answer(const google::protobuf::Message& message, int status) {
    std::string json;
    if (const auto written = google::protobuf::util::MessageToJsonString(message, &json); !written.ok()) {
        // Only a message with invalid UTF-8 can't be written, and every text was checked on its way in.
        return net::HttpResponse::text(500, R"({"code":"internal"})");
    }
    auto response = net::HttpResponse::text(status, std::move(json));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

net::HttpResponse empty_answer() {
    auto response = net::HttpResponse::text(200, "{}");
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace livefair::api
