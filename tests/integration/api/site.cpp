#include "integration/api/site.hpp"

#include <google/protobuf/util/json_util.h>
#include <livefair/v1/order.pb.h>
#include <livefair/v1/socket.pb.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <future>

#include "api/api.hpp"
#include "api/pages.hpp"
#include "api/private_rooms.hpp"
#include "api/push_targets.hpp"
#include "api/sign_in.hpp"
#include "api/stream_keys.hpp"
#include "auth/media_secret.hpp"
#include "auth/origins.hpp"
#include "auth/personal_keys.hpp"
#include "auth/rate_limit.hpp"
#include "auth/token.hpp"
#include "commerce/checkout.hpp"
#include "commerce/commit_watch.hpp"
#include "commerce/order_desk.hpp"
#include "commerce/payments.hpp"
#include "commerce/reconcile.hpp"
#include "commerce/sales.hpp"
#include "commerce/sandbox_provider.hpp"
#include "commerce/till.hpp"
#include "commerce/till_keeper.hpp"
#include "commerce/webhook_secrets.hpp"
#include "ledger/projector.hpp"
#include "ledger/refund_requests.hpp"
#include "ledger/refunds.hpp"
#include "ledger/sessions.hpp"
#include "redis/client.hpp"
#include "room/bus.hpp"
#include "room/question_desk.hpp"
#include "room/players.hpp"
#include "support/run_task.hpp"

namespace livefair::test {
namespace {

using namespace std::chrono_literals;

redis::Options with_functions(redis::Options options) {
    options.libraries = {commerce::till_library(), std::string(room::library_source())};
    return options;
}

auth::Rate request_rate(const Config& config) {
    return {static_cast<double>(config.limits.requests_per_second), static_cast<double>(config.limits.requests_burst)};
}

ledger::Ledger::Options ledger_options(const std::string& folder) {
    ledger::Ledger::Options options{folder + "/ledger.sqlite3", {}, {}, {}};
    options.personal_keys = auth::PersonalKeys::load(folder + "/personal.key");
    return options;
}

/// Dashboards are not part of this site.
net::Task<Result<v1::Dashboard>> no_dashboard() {
    co_return Errc::not_found;
}
net::Task<Result<v1::ShowCurve>> no_curve(ShowId) {
    co_return Errc::not_found;
}

}  // namespace

/// The composition, as livefair-server has it, on one shard.
class Site::Parts {
public:
    Parts(const Config& config, redis::Options redis_options, const std::string& folder)
        : ledger(ledger_options(folder)),
          sessions(ledger, system_clock(), config.auth.session_days),
          origins(config.site.url, config.site.allowed_origins),
          pages(config),
          requests(system_clock(), request_rate(config)),
          media_tokens(system_clock(), {0.01, 30}),
          sign_in(config, system_clock(), ledger, sessions, api::make_sms_provider("sandbox")),
          secrets(commerce::load_webhook_secrets(folder + "/webhook.secret")),
          redis(shard().executor(), with_functions(redis_options)),
          bus(redis, 1000ms, config.room.history_max),
          questions(redis, 1000ms),
          till(redis),
          checkout(till, commits, ledger, sold_out, {}),
          order_desk(redis, ledger),
          sales(till, ledger),
          stream_keys(ledger, redis, system_clock()),
          push_targets(ledger, redis, auth::load_media_secret(folder + "/media.secret")),
          private_rooms(ledger, redis),
          players(redis),
          projector(shard().executor(), redis_options, ledger, {}),
          till_keeper(shard().executor(), till, ledger, projector),
          server(shards, http_options(config),
                 [this](net::Shard& on, net::HttpRequest request) { return api->handle(on, std::move(request)); }) {
        server.start();
        commerce::SandboxProvider::Options sandbox_options;
        sandbox_options.site_url = config.site.url;
        sandbox_options.notify_url = "http://127.0.0.1:" + std::to_string(server.port()) + "/api/v1/payments/sandbox/notify";
        sandbox_options.secrets = secrets;
        sandbox = std::make_unique<commerce::SandboxProvider>(shard().executor(), ledger, system_clock(), sandbox_options);
        payments = std::make_unique<commerce::Payments>(till, commits, ledger, system_clock(), *sandbox, commerce::Payments::Options{});
        api = std::make_unique<api::Api>(api::Services{config, system_clock(), origins, pages, requests, media_tokens, ledger,
                                                       sessions, sign_in, checkout, order_desk, sales, *payments, *sandbox, bus, questions,
                                                       stream_keys, push_targets, private_rooms, players,
                                                       auth::load_media_secret(folder + "/media.secret"), no_dashboard, no_curve});
        projector.on_commit(
            [this](const ledger::CommitSummary& summary) { commits.on_committed(summary.show, summary.last_id); });
        shard().post([this] {
            redis.start();
            projector.start();
            till_keeper.start();
        });
    }
    ~Parts() {
        server.stop_accepting();
        shards.stop();
    }
    net::Shard& shard() { return shards.at(0); }

    static net::HttpOptions http_options(const Config& config) {
        net::HttpOptions options;
        options.body_bytes_max = config.limits.body_bytes_max;
        options.large_path = api::import_path;
        options.large_body_bytes_max = config.limits.import_bytes_max;
        options.connections_per_address = 1000;
        return options;
    }

    net::Shards shards{1};
    ledger::Ledger ledger;
    ledger::Sessions sessions;
    auth::Origins origins;
    api::Pages pages;
    auth::KeyedLimiter requests, media_tokens;
    api::SignIn sign_in;
    std::vector<std::string> secrets;
    redis::Client redis;
    room::Bus bus;
    room::QuestionDesk questions;
    commerce::CommitWatch commits;
    commerce::Till till;
    commerce::SoldOutBook sold_out{system_clock()};
    commerce::Checkout checkout;
    commerce::OrderDesk order_desk;
    commerce::Sales sales;
    api::StreamKeys stream_keys;
    api::PushTargets push_targets;
    api::PrivateRooms private_rooms;
    room::Players players;
    ledger::Projector projector;
    commerce::TillKeeper till_keeper;
    net::HttpServer server;
    std::unique_ptr<commerce::SandboxProvider> sandbox;
    std::unique_ptr<commerce::Payments> payments;
    std::unique_ptr<api::Api> api;
};

std::string Answer::header(const std::string& lower_case_name) const {
    for (const auto& [name, value] : headers)
        if (name == lower_case_name) return value;
    return {};
}

void Answer::read(google::protobuf::Message& message) const {
    INFO(body);
    REQUIRE(google::protobuf::util::JsonStringToMessage(body, &message).ok());
}

std::string Answer::code() const {
    v1::ErrorBody error;
    read(error);
    CHECK_FALSE(error.message_zh().empty());
    CHECK_FALSE(error.message_en().empty());
    return error.code();
}

Site::Site(const std::function<void(Config&)>& change) {
    config_.site.url = "http://shop.test";
    config_.limits.requests_per_second = 10'000;
    config_.limits.requests_burst = 10'000;
    config_.server.web_dir = folder_.file("dist");
    write_file(folder_.path() / "dist/index.html", "<!doctype html>");
    if (change) change(config_);
    parts_ = std::make_unique<Parts>(config_, redis_server_.options(), folder_.path().string());
    operator_password_ = api::create_first_operator(parts_->ledger, system_clock()).value();
    parts_->shards.start();
    client_ = std::make_unique<redis::Client>(context_.get_executor(), redis_server_.options());
    client_->start();
    REQUIRE(run_until(context_, [&] { return client_->is_connected(); }));
    // The API's own connection comes up by itself; a read through it tells that it has.
    REQUIRE(run_until(context_, [&] {
        std::promise<bool> connected;
        parts_->shard().post([&] { connected.set_value(parts_->redis.is_connected()); });
        return connected.get_future().get();
    }));
}

Site::~Site() {
    client_->stop();
}

Answer Site::call(const std::string& method, const std::string& path, const std::string& body, const std::string& token,
                  net::HttpHeaders headers) {
    if (!token.empty()) headers.emplace_back("Authorization", "Bearer " + token);
    const auto url = "http://127.0.0.1:" + std::to_string(parts_->server.port()) + path;
    const auto response = run_task(context_, net::http_request(method, url, std::move(headers), body, 20s));
    INFO(method << ' ' << path);
    REQUIRE(response.has_value());
    return {response->status, std::string(net::body_of(*response)), response->headers};
}

Answer Site::must(const std::string& method, const std::string& path, const std::string& body,
                  const std::string& token) {
    auto answer = call(method, path, body, token);
    INFO(method << ' ' << path << " " << answer.body);
    REQUIRE(answer.status == 200);
    return answer;
}

std::string Site::buyer(const std::string& phone) {
    v1::RequestCodeResponse code;
    must("POST", "/api/v1/auth/code", R"({"phone":")" + phone + R"("})").read(code);
    v1::SignInResponse signed_in;
    must("POST", "/api/v1/auth/sign-in", R"({"phone":")" + phone + R"(","code":")" + code.sandbox_code() + R"("})")
        .read(signed_in);
    return signed_in.token();
}

const std::string& Site::site_operator() {
    if (operator_token_.empty()) {
        v1::SignInResponse signed_in;
        must("POST", "/api/v1/auth/staff", R"({"name":"operator","password":")" + operator_password_ + R"("})")
            .read(signed_in);
        operator_token_ = signed_in.token();
    }
    return operator_token_;
}

std::string Site::host_of(const std::string& room) {
    must("POST", "/api/v1/staff",
         R"({"name":"host-)" + room +
             R"(","password":"a long password","nickname":"主播","grants":[{"role":"ROLE_HOST","roomId":")" + room +
             R"("}]})",
         site_operator());
    v1::SignInResponse signed_in;
    must("POST", "/api/v1/auth/staff", R"({"name":"host-)" + room + R"(","password":"a long password"})")
        .read(signed_in);
    return signed_in.token();
}

void Site::make_sale(const std::string& name, int stock, const std::string& channel) {
    const auto& token = site_operator();
    const auto show = "/api/v1/shows/" + name;
    must("POST", "/api/v1/shows", R"({"id":")" + name + R"(","roomId":")" + name + R"(-room","title":"湖南专场","channel":")" + channel + R"("})",
         token);
    must("POST", "/api/v1/products",
         R"({"id":")" + name +
             R"(-product","title":"冰糖橙","unit":"箱","netWeightG":"5000","originCode":"431227","originName":"新晃"})",
         token);
    must(
        "POST", show + "/stocks",
        R"({"id":")" + name + R"(-stock","productId":")" + name + R"(-product","total":)" + std::to_string(stock) + "}",
        token);
    must("POST", show + "/offers",
         R"({"id":")" + name +
             R"(-offer","title":"<b>冰糖橙</b>","kind":"OFFER_KIND_NORMAL","priceFen":5990,"lines":[{"stockId":")" +
             name + R"(-stock","quantity":1}]})",
         token);
    must("POST", show + "/state", R"({"state":"SHOW_STATE_LIVE"})", token);
    must("POST", show + "/offers/" + name + "-offer/open", "{}", token);
}

std::string Site::address_of(const std::string& token) {
    v1::Address address;
    must(
        "POST", "/api/v1/addresses",
        R"({"recipient":"王小明","phone":"13800001234","regionCode":"430102","regionName":"长沙市芙蓉区","detail":"五一大道1号"})",
        token)
        .read(address);
    return address.id();
}

redis::Reply Site::redis(std::vector<std::string> command) {
    return run_task(context_, client_->command(std::move(command))).value();
}

std::string Site::room_of_key(const std::string& key) {
    return redis({"HGET", "lf:streamkeys", auth::hash_token(key)}).text;
}

void Site::mirror_stream_keys() {
    auto mirrored =
        net::asio::co_spawn(parts_->shard().executor(), parts_->stream_keys.mirror_all(), net::asio::use_future);
    REQUIRE(mirrored.get().has_value());
}

void Site::mirror_push_targets() {
    auto mirrored =
        net::asio::co_spawn(parts_->shard().executor(), parts_->push_targets.mirror_all(), net::asio::use_future);
    REQUIRE(mirrored.get().has_value());
}

void Site::mirror_private_rooms() {
    auto mirrored =
        net::asio::co_spawn(parts_->shard().executor(), parts_->private_rooms.mirror_all(), net::asio::use_future);
    REQUIRE(mirrored.get().has_value());
}

void Site::refuse_refunds() {
    const auto refused = parts_->ledger.write_blocking([](ledger::Database& database) -> Result<> {
        for (const auto& request : ledger::due_refunds(database, INT64_MAX, 100).value())
            if (auto noted = ledger::note_refund(database, request, ledger::RefundRequest::State::failed, "账户已注销", 1, 1); !noted)
                return noted;
        const auto followed = ledger::follow_refunds(database, system_clock().unix_ms(), 100);
        if (!followed) return followed.error();
        return {};
    });
    REQUIRE(refused.has_value());
}

std::vector<std::string> Site::differences(const std::string& show) {
    auto counted = net::asio::co_spawn(parts_->shard().executor(), commerce::reconcile(ShowId(show), parts_->till, parts_->ledger),
                                       net::asio::use_future);
    const auto found = counted.get();
    REQUIRE(found.has_value());
    std::vector<std::string> texts;
    for (const auto& each : *found) texts.push_back(each.what + ": " + each.expected + " / " + each.found);
    return texts;
}

std::int64_t Site::players_of(const std::string& room) {
    auto count = net::asio::co_spawn(parts_->shard().executor(), parts_->bus.count(RoomId(room), {}), net::asio::use_future);
    return count.get().value().players;
}

std::string Site::media_secret() const { return auth::load_media_secret(folder_.file("media.secret")); }

}  // namespace livefair::test
