#include "net/http.hpp"

#include "integration/net/server_fixture.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using test::RawConnection;
using test::ServerFixture;

namespace {

int status_of(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3)); }

/// The status of the answer to raw bytes; 0 when the server closed without one.
int status_for(ServerFixture& f, const std::string& bytes) {
    RawConnection connection(f.server->port());
    connection.send(bytes);
    const auto answer = connection.read_until("\r\n\r\n");
    return status_of(answer);
}

std::size_t count_of(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
    return count;
}

}  // namespace

TEST_CASE("a body made of several parts arrives as one, with the headers that hold for every answer", "[net][http]") {
    ServerFixture f;
    const auto response = f.request("POST", "/a/b?c=d", "hello");
    CHECK(response.status == 200);
    CHECK(net::body_of(response) == "POST\n/a/b\n127.0.0.1\nhello");
    CHECK(net::header_of(response, "x-content-type-options") == "nosniff");
    CHECK(net::header_of(response, "referrer-policy") == "same-origin");
}

TEST_CASE("HEAD has the length of the body and no body", "[net][http]") {
    ServerFixture f;
    RawConnection connection(f.server->port());
    connection.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = connection.read_to_end();
    CHECK(answer.find("Content-Length: 18\r\n") != std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("a thousand pipelined requests are answered in order", "[net][http]") {
    ServerFixture f;
    RawConnection connection(f.server->port());
    std::string requests;
    for (int i = 0; i < 999; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    connection.send(requests + "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answers = connection.read_to_end();
    CHECK(count_of(answers, "HTTP/1.1 200 OK\r\n") == 1000);
    std::size_t at = 0;
    for (int i = 0; i < 999; ++i) {
        at = answers.find("\n/" + std::to_string(i) + "\n", at);
        REQUIRE(at != std::string::npos);
    }
    CHECK(answers.find("\n/last\n", at) != std::string::npos);
}

TEST_CASE("a connection is kept for the next request, and its end is no error", "[net][http]") {
    ServerFixture f;
    net::HttpClient client(f.context.get_executor(), "127.0.0.1", f.server->port());
    for (int i = 0; i < 3; ++i) {
        const auto response = test::run_task(f.context, client.request("GET", "/" + std::to_string(i), {}, {}, 5s));
        REQUIRE(response);
        CHECK(f.server->connections() == 1);
    }
    client.close();
    CHECK(test::eventually([&] { return f.server->connections() == 0; }));
}

TEST_CASE("requests that break a rule are refused with its status and the connection ends", "[net][http]") {
    ServerFixture f;
    const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n";
    std::string many_lines = get;
    for (int i = 0; i < 100; ++i) many_lines += "A: b\r\n";
    const std::vector<std::pair<int, std::string>> cases = {
        {431, get + "A: " + std::string(9000, 'a') + "\r\n\r\n"},
        {431, "GET /" + std::string(9000, 'a')},
        {431, many_lines + "\r\n"},
        {413, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"},
        {413, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" + std::string(65'537, 'a')},
        {405, "BREW / HTTP/1.1\r\nHost: x\r\n\r\n"},
        {405, "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {400, get + "Host: y\r\n\r\n"},
        {400, get + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
        {400, get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {400, get + "Transfer-Encoding: chunked, identity\r\n\r\n"},
        {400, get + "Transfer-Encoding : chunked\r\n\r\n"},
        {400, get + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n"},
        {400, get + "Content-Length: -1\r\n\r\n"},
        {400, get + "Bad Name: x\r\n\r\n"},
        {400, "GET /\r\n\r\n"},
        {400, "\x16\x03\x01\x02\r\n\r\n"},
        {505, "GET / HTTP/3.0\r\nHost: x\r\n\r\n"},
        {417, get + "Expect: a-miracle\r\n\r\n"},
    };
    for (const auto& [status, bytes] : cases) {
        INFO(bytes.substr(0, 120));
        RawConnection connection(f.server->port());
        connection.send(bytes);
        const auto answer = connection.read_to_end();
        CHECK(status_of(answer) == status);
        CHECK(connection.was_closed());
    }
    CHECK(f.request("GET", "/still-serving").status == 200);
}

TEST_CASE("paths that could mean another file are refused", "[net][http]") {
    ServerFixture f;
    const std::vector<std::string> targets = {
        "/hls/../../etc/passwd", "/hls/%2e%2e/%2e%2e/etc/passwd", "/hls/..%5c..%5cx", "/hls/%252e%252e/x", "//etc/passwd",
        "/hls//x", "/hls/./x", "/hls/%00", "/hls/%c0%ae%c0%ae/x", "/hls/..%2fx", "http://x/hls/a", "*", "/%", "/%4", "/a%0d%0ab"};
    for (const auto& target : targets) {
        INFO(target);
        CHECK(status_for(f, "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
    }
}

TEST_CASE("a body that waits for 100 Continue is asked for", "[net][http]") {
    ServerFixture f;
    RawConnection connection(f.server->port());
    connection.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
    REQUIRE(connection.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    connection.send("hello");
    CHECK(connection.read_to_end().ends_with("hello"));
}

TEST_CASE("headers that trickle in are cut off at the deadline", "[net][http]") {
    net::HttpOptions options;
    options.handshake_ms = 300;
    ServerFixture f(options);
    RawConnection connection(f.server->port());
    connection.send("GET / HTTP/1.1\r\n");
    const auto start = std::chrono::steady_clock::now();
    // One byte after the other keeps the socket busy without an end to the header.
    const bool was_cut = test::eventually([&] { return !connection.send("A"); }, 5s);
    CHECK(was_cut);
    CHECK(std::chrono::steady_clock::now() - start < 2s);
}

TEST_CASE("a connection that sends nothing ends at the deadline", "[net][http]") {
    net::HttpOptions options;
    options.handshake_ms = options.idle_ms = 200;
    ServerFixture f(options);
    RawConnection silent(f.server->port()), idle(f.server->port());
    idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(silent.read_to_end().empty());
    CHECK(silent.was_closed());
    CHECK(status_of(idle.read_to_end()) == 200);
    CHECK(idle.was_closed());
}

TEST_CASE("one address gets no more than its connections, and a trusted one is free", "[net][http]") {
    net::HttpOptions options;
    options.connections_per_address = 3;
    const bool is_trusted = GENERATE(false, true);
    if (is_trusted) options.trusted_addresses = {"127.0.0.1"};
    ServerFixture f(options);
    std::vector<std::unique_ptr<RawConnection>> connections;
    for (int i = 0; i < 3; ++i) {
        connections.push_back(std::make_unique<RawConnection>(f.server->port()));
        connections.back()->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        connections.back()->read_until("\r\n\r\n");
    }
    CHECK(status_for(f, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") == (is_trusted ? 200 : 429));
    connections.pop_back();
    CHECK(test::eventually([&] { return status_for(f, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") == 200; }));
}

TEST_CASE("the total of connections holds for all addresses", "[net][http]") {
    net::HttpOptions options;
    options.connections_max = 2;
    options.trusted_addresses = {"127.0.0.1"};
    ServerFixture f(options);
    RawConnection a(f.server->port()), b(f.server->port());
    REQUIRE(test::eventually([&] { return f.server->connections() == 2; }));
    CHECK(status_for(f, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") == 429);
}

TEST_CASE("X-Forwarded-For counts only from a configured proxy, and its last entry alone", "[net][http]") {
    net::HttpOptions options;
    const bool is_proxy = GENERATE(false, true);
    if (is_proxy) options.proxy_addresses = {"127.0.0.1"};
    ServerFixture f(options);
    const auto response = f.request("GET", "/", {}, {{"X-Forwarded-For", "6.6.6.6, 9.9.9.9"}});
    CHECK(net::body_of(response) == std::string("GET\n/\n") + (is_proxy ? "9.9.9.9" : "127.0.0.1") + "\n");
    const auto forged = f.request("GET", "/", {}, {{"X-Forwarded-For", "not an address"}});
    CHECK(net::body_of(forged) == "GET\n/\n127.0.0.1\n");
}

namespace {

net::Task<net::HttpResponse> throw_something(net::Shard&, net::HttpRequest) {
    throw std::runtime_error("planted");
    co_return net::HttpResponse();
}

net::Task<net::HttpResponse> answer_with_injection(net::Shard&, net::HttpRequest) {
    auto response = net::HttpResponse::text(200, "x");
    response.headers.emplace_back("X-Name", "a\r\nSet-Cookie: stolen=1");
    co_return response;
}

net::Task<net::HttpResponse> answer_late(net::Shard&, net::HttpRequest) {
    co_await net::sleep_for(300ms);
    co_return net::HttpResponse::text(200, "late");
}

net::Task<net::HttpResponse> answer_much(net::Shard&, net::HttpRequest) {
    net::HttpResponse response;
    const auto part = share_bytes(std::string(1'000'000, 'x'));
    response.body.assign(100, part);
    co_return response;
}

}  // namespace

TEST_CASE("a handler that throws is a 500, and the connection goes on", "[net][http]") {
    ServerFixture f({}, throw_something);
    CHECK(f.request("GET", "/").status == 500);
}

TEST_CASE("a line break in a header's value starts no header", "[net][http]") {
    ServerFixture f({}, answer_with_injection);
    const auto response = f.request("GET", "/");
    CHECK(net::header_of(response, "set-cookie").empty());
    CHECK(net::header_of(response, "x-name") == "a  Set-Cookie: stolen=1");
}

TEST_CASE("a body of a hundred large shared parts arrives whole", "[net][http]") {
    net::HttpOptions options;
    ServerFixture f(options, answer_much);
    RawConnection connection(f.server->port());
    connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(connection.read_to_end().size() > 100'000'000);
}

TEST_CASE("stopping lets a request under way end, and closes connections that wait", "[net][http]") {
    ServerFixture f({}, answer_late);
    RawConnection idle(f.server->port()), busy(f.server->port());
    idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    idle.read_until("late");
    busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    net::asio::io_context context;
    test::run_task(context, net::sleep_for(50ms));
    f.server->stop_accepting();
    CHECK(busy.read_to_end().ends_with("late"));
    idle.read_to_end();
    CHECK(idle.was_closed());
    CHECK(test::eventually([&] { return f.server->connections() == 0; }));
    const auto refused = test::run_task(
        f.context, net::http_request("GET", "http://127.0.0.1:" + std::to_string(f.server->port()) + "/", {}, {}, 2s));
    CHECK(refused.error() == make_error_code(Errc::closed));
}

TEST_CASE("a port that is taken is named, also when its holder is ours", "[net][listener]") {
    ServerFixture f;
    net::Shards shards(1);
    net::HttpOptions options;
    options.port = f.server->port();
    net::HttpServer second(shards, options, ServerFixture::echo);
    CHECK_THROWS_WITH(second.start(), Catch::Contains("127.0.0.1 port " + std::to_string(options.port) + " is in use"));
}
