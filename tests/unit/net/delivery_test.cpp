#include "net/delivery.hpp"

#include <zlib.h>

#include "net/gzip.hpp"
#include "net/http_client.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::net;

namespace {

HttpRequest request_with(HttpHeaders headers, std::string method = "GET") {
    HttpRequest request;
    request.method = std::move(method);
    request.headers = std::move(headers);
    return request;
}

/// A body of 1,000 bytes in two parts.
HttpResponse response_of(bool ranges, bool compress) {
    auto response = HttpResponse::text(200, std::string(600, 'a'), "text/plain");
    response.body.push_back(share_bytes(std::string(400, 'b')));
    response.ranges = ranges;
    response.compress = compress;
    response.headers.emplace_back("ETag", "\"one\"");
    return response;
}

Delivery deliver(const HttpHeaders& headers, HttpResponse response, const std::string& method = "GET") {
    return make_delivery(preferences_of(request_with(headers, method)), std::move(response));
}

std::string header_in(const Delivery& delivery, const std::string& name) {
    for (const auto& [header, value] : delivery.response.headers)
        if (header == name) return value;
    return {};
}

std::string unpack(const std::string& packed) {
    std::string bytes(1 << 20, '\0');
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    REQUIRE(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    bytes.resize(stream.total_out);
    inflateEnd(&stream);
    return bytes;
}

}  // namespace

TEST_CASE("a range of a body that allows it is a 206 that says which", "[net][range]") {
    const auto delivery = deliver({{"range", "bytes=500-699"}}, response_of(true, false));
    CHECK(delivery.response.status == 206);
    CHECK(delivery.offset == 500);
    CHECK(delivery.length == 200);
    CHECK(header_in(delivery, "Content-Range") == "bytes 500-699/1000");
    CHECK(header_in(delivery, "ETag") == "\"one\"");
}

TEST_CASE("no range is cut from a body that does not allow it, for HEAD, or from an error", "[net][range]") {
    const HttpHeaders range = {{"range", "bytes=500-699"}};
    for (const auto& delivery : {deliver(range, response_of(false, false)), deliver(range, response_of(true, false), "HEAD")}) {
        CHECK(delivery.response.status == 200);
        CHECK(delivery.offset == 0);
        CHECK(delivery.length == 1000);
    }
    auto missing = response_of(true, true);
    missing.status = 404;
    CHECK(deliver(range, std::move(missing)).response.status == 404);
    CHECK(header_in(deliver({}, response_of(true, false)), "Accept-Ranges") == "bytes");
}

TEST_CASE("a range beyond the body is a 416 with its length that no cache keeps", "[net][range]") {
    auto response = response_of(true, false);
    response.headers.emplace_back("Cache-Control", "immutable");
    const auto delivery = deliver({{"range", "bytes=1000-"}}, std::move(response));
    CHECK(delivery.response.status == 416);
    CHECK(delivery.length == 0);
    CHECK(header_in(delivery, "Content-Range") == "bytes */1000");
    CHECK(header_in(delivery, "Cache-Control") == "no-store");
}

TEST_CASE("If-Range gives the whole body when it has changed, and never holds for a weak tag", "[net][range]") {
    const auto status = [](const std::string& if_range, const std::string& etag) {
        auto response = response_of(true, false);
        response.headers = {{"ETag", etag}, {"Last-Modified", "Sun, 15 Jun 2025 15:06:40 GMT"}};
        return deliver({{"range", "bytes=0-1"}, {"if-range", if_range}}, std::move(response)).response.status;
    };
    CHECK(status("\"one\"", "\"one\"") == 206);
    CHECK(status("\"two\"", "\"one\"") == 200);
    CHECK(status("W/\"one\"", "W/\"one\"") == 200);
    CHECK(status("Sun, 15 Jun 2025 15:06:40 GMT", "\"one\"") == 206);
    CHECK(status("Sun, 15 Jun 2025 15:06:41 GMT", "\"one\"") == 200);
}

TEST_CASE("a body is packed for who accepts gzip, and caches are told that it depends", "[net][gzip]") {
    const auto packed = deliver({{"accept-encoding", "br, gzip;q=0.8"}}, response_of(false, true));
    CHECK(header_in(packed, "Content-Encoding") == "gzip");
    CHECK(header_in(packed, "Vary") == "Accept-Encoding");
    CHECK(header_in(packed, "ETag") == "W/\"one\"");
    REQUIRE(packed.response.body.size() == 1);
    CHECK(packed.length == packed.response.body[0]->size());
    CHECK(unpack(*packed.response.body[0]) == std::string(600, 'a') + std::string(400, 'b'));
    for (const auto* encodings : {"identity", "gzip;q=0", "gzip; q=0.000, *", "br", "*;q=0", "x-gzipped"}) {
        INFO(encodings);
        const auto plain = deliver({{"accept-encoding", encodings}}, response_of(false, true));
        CHECK(header_in(plain, "Content-Encoding").empty());
        CHECK(header_in(plain, "Vary") == "Accept-Encoding");
        CHECK(header_in(plain, "ETag") == "\"one\"");
        CHECK(plain.length == 1000);
    }
}

TEST_CASE("the packed form that an answer brings along is sent as it is", "[net][gzip]") {
    auto response = response_of(false, true);
    response.gzip_body = share_bytes(gzip("made once"));
    const auto* made = response.gzip_body.get();
    const auto delivery = deliver({{"accept-encoding", "gzip"}}, std::move(response));
    REQUIRE(delivery.response.body.size() == 1);
    CHECK(delivery.response.body[0].get() == made);
}

TEST_CASE("a range is cut from the unpacked body", "[net][range][gzip]") {
    const auto delivery = deliver({{"accept-encoding", "gzip"}, {"range", "bytes=0-9"}}, response_of(true, true));
    CHECK(delivery.response.status == 206);
    CHECK(header_in(delivery, "Content-Encoding").empty());
    CHECK(header_in(delivery, "ETag") == "\"one\"");
}

TEST_CASE("gzip gives back what it was given, also nothing and much", "[net][gzip]") {
    std::string mixed;
    for (int i = 0; i < 100'000; ++i) mixed += static_cast<char>((i * 2654435761u) >> 13);
    for (const auto& text : {std::string(), std::string("a"), std::string(500'000, 'x'), mixed}) CHECK(unpack(gzip(text)) == text);
}
