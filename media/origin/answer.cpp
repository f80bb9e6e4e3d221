#include "origin/answer.hpp"

#include <string>
#include <utility>

namespace livefair::origin {

net::HttpResponse problem(int status, Errc errc) { return problem(status, errc, sentences_of(errc)); }

net::HttpResponse problem(int status, Errc errc, Sentences sentences) {
    std::string body = "{\"code\":\"" + std::string(to_string(errc)) + "\",\"messageZh\":\"" + std::string(sentences.zh) +
                       "\",\"messageEn\":\"" + std::string(sentences.en) + "\"}";
    auto response = net::HttpResponse::text(status, std::move(body));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace livefair::origin
