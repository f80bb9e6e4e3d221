// One part of the system dies or can't start; the others go on.
#include <livefair/v1/catalog.pb.h>

#include <catch2/catch.hpp>

#include "bench/buyer.hpp"
#include "bench/sale.hpp"
#include "integration/system/system.hpp"
#include "net/http_client.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using namespace livefair::bench;
using livefair::test::System;

namespace {

constexpr std::chrono::seconds stream_limit{30};

/// A GET's status and body; status 0 when nobody answers.
std::pair<int, std::string> fetch(net::asio::io_context& context, const std::string& url) {
    const auto response = test::run_task(context, net::http_request("GET", url, {}, "", std::chrono::seconds(5)));
    if (!response) return {0, ""};
    return {response->status, std::string(net::body_of(*response))};
}

/// What OBS does: pushes a picture and a tone until it is stopped.
std::unique_ptr<test::Process> start_publisher(const System& system, const std::string& key) {
    test::Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25",
                       "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:v", "libx264", "-preset", "ultrafast",
                       "-tune", "zerolatency", "-g", "25", "-c:a", "aac", "-f", "flv", system.rtmp_url() + "/" + key};
    options.error_file = system.folder().file("ffmpeg.log");
    return std::make_unique<test::Process>(std::move(options));
}

/// Whether the room's playlist comes to list parts.
bool plays(net::asio::io_context& context, const System& system, const std::string& room) {
    const auto listed = [&] {
        const auto [status, body] = fetch(context, system.hls_url() + "/hls/" + room + "/live.m3u8");
        return status == 200 && body.find("#EXT-X-PART:") != std::string::npos;
    };
    return test::eventually(listed, stream_limit);
}

}  // namespace

TEST_CASE("livefair-media is killed: the shop goes on, and the stream is back once the publisher reconnects", "[system]") {
    net::asio::io_context context(1);
    System system;
    system.start_media();
    Api staff(system.url());
    REQUIRE(test::run_task(context, staff.sign_in_staff("operator", system.operator_password())).has_value());
    const SaleOptions sale{.url = system.url(), .name = "media", .boxes = 5};
    REQUIRE(test::run_task(context, prepare_sale(staff, sale)).has_value());
    const auto key = test::run_task(
        context, staff.post<v1::StreamKeyResponse>("/api/v1/rooms/" + sale.room_id() + "/stream-key", v1::StreamKeyResponse()));
    REQUIRE(key.has_value());
    auto buyer = test::run_task(context, Buyer::sign_in(system.url(), invented_phone(1), "买家"));
    REQUIRE(buyer.has_value());

    auto publisher = start_publisher(system, key->stream_key());
    INFO(system.logs());
    REQUIRE(plays(context, system, sale.room_id()));

    System::kill9(system.media());
    publisher->terminate();
    const auto answer = test::run_task(context, (*buyer)->place_once((*buyer)->make_order(sale.show_id(), sale.offer_id())));
    REQUIRE(answer.has_value());
    CHECK(answer->outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(fetch(context, system.health_url() + "/ready").first == 200);

    system.start_media();
    publisher = start_publisher(system, key->stream_key());
    CHECK(plays(context, system, sale.room_id()));
    CHECK(system.logs().find(key->stream_key()) == std::string::npos);
    publisher->terminate();
}

TEST_CASE("a port in use is named by the program that can't start on it", "[system]") {
    System system;
    system.start_media();
    const auto start_second = [&](const char* program, const char* key, const std::string& url) {
        test::Process::Options options;
        options.command = {program};
        options.environment = {{"LIVEFAIR_REDIS_SOCKET", system.redis().socket()},
                               {"LIVEFAIR_LEDGER_PATH", system.folder().file("second.sqlite3")},
                               {"LIVEFAIR_PAYMENT_WEBHOOK_SECRET_FILE", system.folder().file("second.secret")},
                               {"LIVEFAIR_MEDIA_SECRET_FILE", system.folder().file("media.secret")},
                               {"LIVEFAIR_ORDERS_PERSONAL_KEY_FILE", system.folder().file("second.key")},
                               {"LIVEFAIR_RECORD_DIR", system.folder().file("recordings")},
                               {"LIVEFAIR_SERVER_HEALTH_PORT", "0"}, {"LIVEFAIR_MEDIA_HEALTH_PORT", "0"}, {"LIVEFAIR_MEDIA_RTMP_PORT", "0"}};
        const std::string port = url.substr(url.rfind(':') + 1);
        options.environment[key] = port;
        options.output_file = system.folder().file("second.out");
        options.error_file = system.folder().file("second.log");
        test::Process second(std::move(options));
        const auto status = second.wait(std::chrono::seconds(20));
        INFO(second.errors());
        REQUIRE(status.has_value());
        CHECK(*status != 0);
        CHECK(second.errors().find(port) != std::string::npos);
    };
    start_second(LIVEFAIR_SERVER_PROGRAM, "LIVEFAIR_SERVER_PORT", system.url());
    // The password of the first operator is shown once: a start that fails before that must not use it up.
    CHECK(test::ledger_number(system.folder().file("second.sqlite3"), "SELECT count(*) FROM accounts") == 0);
    start_second(LIVEFAIR_MEDIA_PROGRAM, "LIVEFAIR_MEDIA_HLS_PORT", system.hls_url());
}

TEST_CASE("health answers tell the truth: ready only while Redis answers", "[system]") {
    net::asio::io_context context(1);
    System system;
    const auto becomes = [&](int status) {
        return test::eventually([&] { return fetch(context, system.health_url() + "/ready").first == status; }, std::chrono::seconds(20));
    };
    const auto lives = [&] { return fetch(context, system.health_url() + "/healthz").first == 200; };
    CHECK(becomes(200));
    CHECK(lives());
    system.redis().kill9();
    CHECK(becomes(503));
    CHECK(lives());
    system.redis().restart();
    CHECK(becomes(200));
}
