#include "origin/answer.hpp"

#include <string>
#include <utility>

#include "base/sentences.hpp"

namespace livefair::origin {

net::HttpResponse problem(int status, Errc errc) {
    const auto sentences = sentences_of(errc);
    std::string body = "{\"code\":\"" + std::string(to_string(errc)) + "\",\"messageZh\":\"" + std::string(sentences.zh) +
                       "\",\"messageEn\":\"" + std::string(sentences.en) + "\"}";
    auto response = net::HttpResponse::text(status, std::move(body));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace livefair::origin
