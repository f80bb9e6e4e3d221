#include <fstream>

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

/// Serves one file of content(), from its hundredth byte.
struct FileFixture {
    FileFixture() {
        std::ofstream(folder.file("a.mp4"), std::ios::binary) << content();
        file = net::OpenFile::open(folder.file("a.mp4")).value();
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

}  // namespace

TEST_CASE("a file arrives whole, also after it was deleted", "[net][http][file]") {
    FileFixture f;
    std::remove(f.folder.file("a.mp4").c_str());
    for (int i = 0; i < 3; ++i) CHECK(net::body_of(f.server.request("GET", "/")) == content().substr(100));
}

TEST_CASE("ranges of a file are cut from the part of it that is served", "[net][http][file]") {
    FileFixture f;
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
    FileFixture f;
    RawConnection connection(f.server.server->port());
    connection.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = connection.read_to_end();
    CHECK(answer.find("Content-Length: " + std::to_string(content().size() - 100) + "\r\n") != std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n"));
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
