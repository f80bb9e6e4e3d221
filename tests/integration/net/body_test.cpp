#include <fstream>
#include <optional>

#include "integration/net/server_fixture.hpp"
#include "net/http.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

using namespace livefair;
using test::RawConnection;
using test::ServerFixture;

namespace {

/// Bytes that differ from place to place, more than a few pieces long.
std::string content() {
    std::string bytes;
    for (int i = 0; bytes.size() < 1'000'000; ++i) bytes += std::to_string(i) + ' ';
    return bytes;
}

enum class Place { disk, memory };

/// Serves one file of content(), from its hundredth byte.
struct FileFixture {
    explicit FileFixture(Place place = Place::disk) {
        std::ofstream(folder.file("a.mp4"), std::ios::binary) << content();
        const auto half = content().size() / 2;
        file = place == Place::disk ? net::OpenFile::open(folder.file("a.mp4")).value()
                                    : net::OpenFile::in_memory({share_bytes(content().substr(0, half)), share_bytes(content().substr(half))}).value();
    }
    net::Task<net::HttpResponse> answer() const {
        net::HttpResponse response;
        response.content_type = "video/mp4";
        response.ranges = true;
        response.file = net::FileBody{file, 100, file->size() - 100};
        co_return response;
    }
    test::TemporaryFolder folder;
    std::shared_ptr<const net::OpenFile> file;
    ServerFixture server{{}, [this](net::Shard&, net::HttpRequest) { return answer(); }};
};

/// More than the buffers of both ends of a connection hold. (A number for each few bytes would take a sanitizer seconds.)
std::string long_content() {
    std::string bytes;
    for (int i = 0; bytes.size() < 24'000'000; ++i) bytes += std::to_string(i) + std::string(1000, ' ');
    return bytes;
}

/// In 200 pieces, which is more than one call of the system takes.
std::vector<SharedBytes> pieces_of(const std::string& bytes) {
    std::vector<SharedBytes> pieces;
    const auto length = bytes.size() / 199;
    for (std::size_t at = 0; at < bytes.size(); at += length) pieces.push_back(share_bytes(bytes.substr(at, length)));
    return pieces;
}

}  // namespace

TEST_CASE("a file arrives whole, also after it was deleted", "[net][http][file]") {
    FileFixture f;
    std::remove(f.folder.file("a.mp4").c_str());
    for (int i = 0; i < 3; ++i) CHECK(net::body_of(f.server.request("GET", "/")) == content().substr(100));
}

TEST_CASE("ranges of a file are cut from the part of it that is served", "[net][http][file]") {
    FileFixture f(GENERATE(Place::disk, Place::memory));
    const auto whole = content().substr(100);
    const auto range = f.server.request("GET", "/", {}, {{"Range", "bytes=300000-700000"}});
    CHECK(range.status == 206);
    CHECK(net::body_of(range) == whole.substr(300'000, 400'001));
    CHECK(net::header_of(range, "content-range") == "bytes 300000-700000/" + std::to_string(whole.size()));
    const auto tail = f.server.request("GET", "/", {}, {{"Range", "bytes=-10"}});
    CHECK(net::body_of(tail) == whole.substr(whole.size() - 10));
    CHECK(f.server.request("GET", "/", {}, {{"Range", "bytes=99999999-"}}).status == 416);
    CHECK(f.server.request("GET", "/").status == 200);
}

TEST_CASE("HEAD of a file has its length and nothing of it", "[net][http][file]") {
    FileFixture f(GENERATE(Place::disk, Place::memory));
    RawConnection connection(f.server.server->port());
    connection.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = connection.read_to_end();
    CHECK(answer.find("Content-Length: " + std::to_string(content().size() - 100) + "\r\n") != std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("a body longer than what the connection buffers arrives whole, from memory and as a file in memory", "[net][http][file]") {
    const auto bytes = long_content();
    const auto pieces = pieces_of(bytes);
    const auto as_file = GENERATE(false, true);
    std::optional<net::FileBody> file;
    if (as_file) file = net::FileBody{net::OpenFile::in_memory(pieces).value(), 0, bytes.size()};
    ServerFixture f({}, [&](net::Shard&, net::HttpRequest) -> net::Task<net::HttpResponse> {
        net::HttpResponse response;
        response.body = pieces;
        response.file = file;
        co_return response;
    });
    RawConnection connection(f.server->port());
    connection.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answers = connection.read_to_end();
    const auto first = answers.find(bytes);
    REQUIRE(first != std::string::npos);
    CHECK(answers.find(bytes, first + bytes.size()) == answers.size() - bytes.size());
    CHECK(connection.was_closed());
}

TEST_CASE("a client that takes nothing of its answer loses the connection, and the others notice nothing", "[net][http][file]") {
    const auto bytes = long_content();
    const auto as_file = GENERATE(false, true);
    const auto body = share_bytes(bytes);
    std::optional<net::FileBody> file;
    if (as_file) file = net::FileBody{net::OpenFile::in_memory({body}).value(), 0, bytes.size()};
    net::HttpOptions options;
    options.idle_ms = 100;
    ServerFixture f(std::move(options), [&](net::Shard&, net::HttpRequest request) -> net::Task<net::HttpResponse> {
        if (request.path != "/long") co_return net::HttpResponse::text(200, "short", "text/plain");
        net::HttpResponse response;
        response.body = {body};
        response.file = file;
        co_return response;
    });
    RawConnection connection(f.server->port());
    connection.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(test::eventually([&] { return f.server->connections() == 1; }));
    CHECK(net::body_of(f.request("GET", "/")) == "short");
    CHECK(test::eventually([&] { return f.server->connections() == 0; }));
    CHECK(net::body_of(f.request("GET", "/")) == "short");
}

TEST_CASE("a file that becomes shorter ends the connection, not the server", "[net][http][file]") {
    FileFixture f;
    std::ofstream(f.folder.file("a.mp4"), std::ios::trunc | std::ios::binary) << content().substr(0, 500'000);
    RawConnection connection(f.server.server->port());
    connection.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(connection.read_to_end().size() < 600'000);
    CHECK(connection.was_closed());
    CHECK(f.server.request("HEAD", "/").status == 200);
}

TEST_CASE("only regular files are opened", "[net][file]") {
    test::TemporaryFolder folder;
    CHECK(net::OpenFile::open(folder.file("none")).error() == make_error_code(Errc::not_found));
    CHECK(net::OpenFile::open("/").error() == make_error_code(Errc::not_found));
    CHECK(net::OpenFile::open("/dev/zero").error() == make_error_code(Errc::not_found));
    CHECK(net::OpenFile::open("/proc/self/exe").error() == make_error_code(Errc::not_found));
}

TEST_CASE("a range over several shared parts arrives as one", "[net][http]") {
    ServerFixture f({}, [](net::Shard&, net::HttpRequest) -> net::Task<net::HttpResponse> {
        auto response = net::HttpResponse::text(200, "0123456789", "text/plain");
        response.body.push_back(share_bytes("abcdefghij"));
        response.body.push_back(share_bytes("ABCDEFGHIJ"));
        response.ranges = true;
        co_return response;
    });
    CHECK(net::body_of(f.request("GET", "/", {}, {{"Range", "bytes=8-21"}})) == "89abcdefghijAB");
    CHECK(net::body_of(f.request("GET", "/", {}, {{"Range", "bytes=10-19"}})) == "abcdefghij");
    CHECK(net::body_of(f.request("GET", "/", {}, {{"Range", "bytes=29-"}})) == "J");
}
