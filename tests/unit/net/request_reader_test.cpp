#include "net/request_reader.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace livefair;
using net::RequestReader;
using State = RequestReader::State;

namespace {

/// Feeds `bytes` in pieces of `size`; the requests that came out, or the status of the refusal as the only element's path.
std::vector<net::HttpRequest> feed(std::string_view bytes, std::size_t size, RequestReader::Limits limits = {}) {
    RequestReader reader(limits);
    std::vector<net::HttpRequest> requests;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        auto piece = bytes.substr(at, size);
        while (!piece.empty()) {
            const auto state = reader.read(piece);
            if (state == State::complete) requests.push_back(reader.take_request());
            if (state != State::refused) continue;
            net::HttpRequest refusal;
            refusal.path = std::to_string(reader.status());
            return {refusal};
        }
    }
    return requests;
}

}  // namespace

TEST_CASE("requests come out the same in pieces of any size", "[net][http]") {
    const std::string bytes =
        "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nX-Name: Value\r\nCookie: a=1; livefair_session=token; b=2\r\nContent-Length: 5\r\n\r\n"
        "hello"
        "PUT /chunks HTTP/1.1\r\nhost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n"
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    for (std::size_t size = 1; size <= 64; ++size) {
        INFO("pieces of " << size);
        const auto requests = feed(bytes, size);
        REQUIRE(requests.size() == 3);
        CHECK(requests[0].method == "POST");
        CHECK(requests[0].path == "/a b");
        CHECK(requests[0].query.at("c") == "d");
        CHECK(requests[0].header("x-name") == "Value");
        CHECK(requests[0].cookie("livefair_session") == "token");
        CHECK(requests[0].cookie("session").empty());
        CHECK(requests[0].body == "hello");
        CHECK(requests[1].body == "abcde");
        CHECK(requests[2].path == "/");
    }
}

TEST_CASE("limits hold in pieces of any size", "[net][http]") {
    const std::string long_header = "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(9000, 'a') + "\r\n\r\n";
    const std::string long_body = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                  [] {
                                      std::string chunks;
                                      for (int i = 0; i < 7000; ++i) chunks += "a\r\n0123456789\r\n";
                                      return chunks;
                                  }();
    for (const std::size_t size : {1, 7, 64, 100'000}) {
        CHECK(feed(long_header, size).at(0).path == "431");
        CHECK(feed(long_body, size).at(0).path == "413");
    }
}

TEST_CASE("one path may have a larger body, while a place for it is free", "[net][http]") {
    RequestReader::Limits limits;
    limits.body_bytes_max = 100;
    limits.large_path = "/import";
    limits.large_body_bytes_max = 1000;
    limits.large_places = std::make_shared<std::atomic<int>>(1);
    const auto post = [](const std::string& path, std::size_t length) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" +
               std::string(length, 'a');
    };
    const std::string chunked = "POST /import HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e7\r\n" +
                                std::string(999, 'a') + "\r\n0\r\n\r\n";
    for (const std::size_t size : {1, 7, 64, 100'000}) {
        CHECK(feed(post("/import", 1000), size, limits).at(0).body.size() == 1000);
        CHECK(feed(chunked, size, limits).at(0).body.size() == 999);
        CHECK(feed(post("/import", 1001), size, limits).at(0).path == "413");
        CHECK(feed(post("/other", 101), size, limits).at(0).path == "413");
        CHECK(feed(post("/import/x", 101), size, limits).at(0).path == "413");
        CHECK(feed("PUT " + post("/import", 101).substr(5), size, limits).at(0).path == "413");
    }
    CHECK(limits.large_places->load() == 1);
    RequestReader holder(limits);
    std::string_view begun = "POST /import HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n";
    CHECK(holder.read(begun) == RequestReader::State::need_more);
    CHECK(limits.large_places->load() == 0);
    CHECK(feed(post("/import", 500), 64, limits).at(0).path == "413");
    CHECK(feed(post("/import", 100), 64, limits).at(0).body.size() == 100);
}

TEST_CASE("a client that expects 100 Continue is told so once, and only while its body is missing", "[net][http]") {
    RequestReader reader({});
    std::string_view header = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    CHECK(reader.read(header) == State::expects_continue);
    std::string_view body = "hi";
    CHECK(reader.read(body) == State::complete);
    CHECK(reader.take_request().body == "hi");
    std::string_view whole = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi";
    CHECK(reader.read(whole) == State::complete);
}

TEST_CASE("a refusal while bytes are pending takes no more than the input holds", "[net][http]") {
    RequestReader reader({});
    std::string_view first = "$";
    REQUIRE(reader.read(first) == State::need_more);
    std::string_view second = "\xbb";
    REQUIRE(reader.read(second) == State::refused);
    CHECK(second.size() <= 1);
}
