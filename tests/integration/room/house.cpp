#include "integration/room/house.hpp"

#include <google/protobuf/util/json_util.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>

#include "integration/room/event_stream.hpp"
#include "net/http_client.hpp"
#include "support/run_task.hpp"

namespace livefair::test {
namespace {

constexpr std::chrono::seconds patience{10};

std::string field(const std::string& json, const std::string& name) {
    return std::string(boost::json::parse(json).as_object().at(name).as_string());
}

}  // namespace

Gateway::Gateway(const std::string& role, std::map<std::string, std::string> settings, const TemporaryFolder& folder) {
    static int count = 0;
    const auto name = role + std::to_string(++count);
    Process::Options options;
    options.command = {LIVEFAIR_SERVER_PROGRAM, "--role", role};
    options.environment = std::move(settings);
    options.output_file = folder.file(name + ".out");
    options.error_file = folder.file(name + ".err");
    process_ = std::make_unique<Process>(std::move(options));
    const auto ready = wait_for_line(*process_, "\"ready\"");
    if (ready.empty()) throw std::runtime_error("livefair-server did not start: " + process_->errors());
    const auto ports = boost::json::parse(ready);
    port_ = static_cast<std::uint16_t>(ports.at("port").as_int64());
    health_port_ = static_cast<std::uint16_t>(ports.at("health_port").as_int64());
}

House::House(Wired, Settings settings)
    : redis_(std::make_unique<RedisServer>()), wire_(std::make_unique<Wire>(redis_->socket())), settings_(std::move(settings)) {
    settings_.insert({{"LIVEFAIR_REDIS_SOCKET", ""}, {"LIVEFAIR_REDIS_PORT", std::to_string(wire_->port())}});
    open();
}

House::House(Clustered, Settings settings) : cluster_(std::make_unique<RedisCluster>()), settings_(std::move(settings)) {
    settings_.insert({{"LIVEFAIR_REDIS_SOCKET", ""}, {"LIVEFAIR_REDIS_CLUSTER_NODES", cluster_->some_nodes()}});
    open();
}

House::House(Settings settings) : redis_(std::make_unique<RedisServer>()), settings_(std::move(settings)) {
    settings_.insert({"LIVEFAIR_REDIS_SOCKET", redis_->socket()});
    open();
}

void House::open() {
    start();
    make_show("a");
    make_show("b");
}

void House::start() {
    settings_.insert({{"LIVEFAIR_SERVER_PORT", "0"},
                     {"LIVEFAIR_SERVER_HEALTH_PORT", "0"},
                     {"LIVEFAIR_SERVER_SHARDS", "2"},
                     {"LIVEFAIR_ROOM_CHAT_LINES_PER_S", "100000"},
                     {"LIVEFAIR_OVERLOAD_LAG_MS", "60000"},
                     {"LIVEFAIR_LEDGER_PATH", folder_.file("ledger.sqlite3")},
                     {"LIVEFAIR_PAYMENT_WEBHOOK_SECRET_FILE", folder_.file("webhook.secret")},
                     {"LIVEFAIR_MEDIA_SECRET_FILE", folder_.file("media.secret")},
                     {"LIVEFAIR_ORDERS_PERSONAL_KEY_FILE", folder_.file("personal.key")},
                     {"LIVEFAIR_RECORD_DIR", folder_.file("recordings")},
                     {"LIVEFAIR_SERVER_WEB_DIR", folder_.file("no-pages")}});
    server_ = std::make_unique<Gateway>("all", settings_, folder_);
    const auto password = field(wait_for_line(server(), "first_operator"), "password");
    operator_token_ = field(call("POST", "/api/v1/auth/staff", R"({"name":"operator","password":")" + password + "\"}", {}), "token");
}

std::string House::buyer_with_address(const std::string& nickname) {
    const auto token = buyer(nickname);
    call("POST", "/api/v1/addresses", R"({"id":"home","recipient":"王","phone":"13800000001","regionCode":"430100","regionName":"长沙","detail":"1 号"})",
         token);
    return token;
}

v1::ClientMessage open_offer() {
    v1::ClientMessage message;
    message.mutable_open_offer()->set_show_id("show-a");
    message.mutable_open_offer()->set_offer_id("offer-a1");
    return message;
}

v1::ClientMessage order(const std::string& id) {
    v1::ClientMessage message;
    auto& body = *message.mutable_place_order();
    body.set_order_id(id);
    body.set_show_id("show-a");
    body.set_offer_id("offer-a1");
    body.set_quantity(1);
    body.set_address_id("home");
    return message;
}

Gateway& House::add_gateway() {
    auto settings = settings_;
    settings["LIVEFAIR_SERVER_LEDGER_URL"] = "http://127.0.0.1:" + std::to_string(port());
    return *more_.emplace_back(std::make_unique<Gateway>("gateway", std::move(settings), folder_));
}

void House::make_show(const std::string& name) {
    const auto show = "/api/v1/shows/show-" + name;
    call("POST", "/api/v1/organisations", R"({"id":"org-)" + name + R"(","name":"妇联","kind":"womens_federation","regionCode":"430000"})", operator_token_);
    call("POST", "/api/v1/suppliers", R"({"organisationId":"org-)" + name + R"(","why":"自愿申请"})", operator_token_);
    call("POST", "/api/v1/suppliers/org-" + name + "/state", R"({"state":"SUPPLIER_STATE_VETTED","why":"资质齐全"})",
         operator_token_);
    call("POST", "/api/v1/products",
         R"({"id":"product-)" + name + R"(","title":"冰糖橙","unit":"箱","netWeightG":"5000","originCode":"431200","originName":"怀化","supplierId":"org-)" +
             name + R"(","supplierName":"合作社","supplierContact":"12345678"})",
         operator_token_);
    call("POST", "/api/v1/shows", R"({"id":"show-)" + name + R"(","roomId":"room-)" + name + R"(","title":"专场","startsMs":"1750000000000"})", operator_token_);
    call("POST", show + "/stocks", R"({"id":"stock-)" + name + R"(","productId":"product-)" + name + R"(","total":"100"})", operator_token_);
    for (const std::string number : {"1", "2"})
        call("POST", show + "/offers",
             R"({"id":"offer-)" + name + number + R"(","title":"冰糖橙 5 kg","kind":"OFFER_KIND_NORMAL","priceFen":"2990","limitPerBuyer":"2","holdMs":"900000","lines":[{"stockId":"stock-)" +
                 name + R"(","quantity":"1"}]})",
             operator_token_);
    call("POST", show + "/state", R"({"state":"SHOW_STATE_LIVE"})", operator_token_);
}

std::string House::staff_of(const std::string& room, const std::string& role) {
    const auto name = "staff-" + std::to_string(++staff_);
    call("POST", "/api/v1/staff",
         R"({"name":")" + name + R"(","password":"a long password","nickname":"主持人","grants":[{"role":"ROLE_)" + role + R"(","roomId":")" + room + R"("}]})", operator_token_);
    return field(call("POST", "/api/v1/auth/staff", R"({"name":")" + name + R"(","password":"a long password"})", {}), "token");
}

std::string House::buyer(const std::string& nickname, const std::string& device) {
    const auto phone = std::to_string(13800000000 + ++buyers_);
    const auto code = field(call("POST", "/api/v1/auth/code", R"({"phone":")" + phone + "\"}", {}), "sandboxCode");
    return field(call("POST", "/api/v1/auth/sign-in", R"({"phone":")" + phone + R"(","code":")" + code + R"(","nickname":")" + nickname + "\"}", {}, device), "token");
}

std::string House::call(const std::string& method, const std::string& path, const std::string& body, const std::string& token, const std::string& device) {
    net::HttpHeaders headers{{"content-type", "application/json"}};
    if (!token.empty()) headers.emplace_back("authorization", "Bearer " + token);
    if (!device.empty()) headers.emplace_back("cookie", "livefair_device=" + device);
    const auto answer = run_task(
        context_, net::http_request(method, "http://127.0.0.1:" + std::to_string(port()) + path, headers, body, patience));
    if (!answer) throw std::runtime_error(path + ": " + answer.error().message() + "; the server's log: " + server().errors());
    const auto text = std::string(net::body_of(*answer));
    if (answer->status != 200) throw std::runtime_error(path + " answered " + std::to_string(answer->status) + ": " + text);
    return text;
}

int House::health(const std::string& path) {
    const auto answer =
        run_task(context_, net::http_request("GET", "http://127.0.0.1:" + std::to_string(server_->health_port()) + path, {}, {}, patience));
    return answer ? answer->status : 0;
}

Client::Client(House& house, const std::string& token, room::Format format) : Client(house, house.gateway(), token, format) {}

Client::Client(House& house, const Gateway& gateway, const std::string& token, room::Format format, const std::string& device) : house_(house), format_(format) {
    if (format == room::Format::events) {
        stream_ = std::make_unique<EventStream>(house.context(), gateway.port(), token);
        return;
    }
    net::WebSocketClientOptions options;
    options.port = gateway.port();
    options.subprotocol = room::is_json(format) ? room::json_subprotocol : room::proto_subprotocol;
    options.deflate = format == room::Format::proto_deflated || format == room::Format::json_deflated;
    if (!token.empty()) options.headers.emplace_back("authorization", "Bearer " + token);
    if (!device.empty()) options.headers.emplace_back("cookie", "livefair_device=" + device);
    auto connected = run_task(house.context(), net::connect_websocket(std::move(options)));
    if (!connected) throw std::runtime_error("no WebSocket: " + connected.error().message());
    socket_ = std::move(*connected);
}

Client::~Client() = default;

void Client::drop() {
    if (stream_) stream_->drop();
    else socket_->abort();
}

void Client::send(const v1::ClientMessage& message) {
    std::string bytes;
    if (!room::is_json(format_)) bytes = message.SerializeAsString();
    else (void)google::protobuf::util::MessageToJsonString(message, &bytes);
    send_bytes(std::move(bytes));
}

void Client::send_bytes(std::string bytes) {
    if (stream_) {
        if (const auto status = stream_->post(bytes); status != 202) throw std::runtime_error("not posted: " + std::to_string(status));
        return;
    }
    const auto sent = run_task(house_.context(), socket_->write(share_bytes(std::move(bytes)), room::is_json(format_)));
    if (!sent) throw std::runtime_error("not sent: " + sent.error().message());
}

std::string Client::read_bytes() {
    if (stream_) {
        auto data = stream_->next_data();
        if (data.empty()) throw std::runtime_error("the stream has ended, close code " + std::to_string(stream_->close_code()));
        return data;
    }
    auto read = run_task(house_.context(), socket_->read(), patience);
    if (!read) throw std::runtime_error("not read: " + read.error().message() + ", close code " + std::to_string(socket_->peer_close_code()) +
                                          "; the server's log: " + house_.server().errors());
    return std::move(read->bytes);
}

v1::ServerMessage Client::read_one() {
    const auto bytes = read_bytes();
    v1::ServerMessage message;
    const bool parsed = !room::is_json(format_) ? message.ParseFromString(bytes) : google::protobuf::util::JsonStringToMessage(bytes, &message).ok();
    if (!parsed) throw std::runtime_error("not a ServerMessage: " + bytes);
    heard_.push_back(message);
    if (message.has_snapshot()) epoch_ = message.snapshot().epoch();
    if (message.has_events()) {
        epoch_ = message.events().epoch();
        events_.insert(events_.end(), message.events().events().begin(), message.events().events().end());
    }
    return message;
}

v1::ServerMessage Client::ask(v1::ClientMessage message) {
    const auto id = ++requests_;
    message.set_request_id(id);
    send(message);
    return wait_message([id](const v1::ServerMessage& answer) { return answer.request_id() == id; });
}

v1::ServerMessage Client::wait_message(const std::function<bool(const v1::ServerMessage&)>& wanted) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        if (!wanted(waiting_[i])) continue;
        auto found = waiting_[i];
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        return found;
    }
    while (std::chrono::steady_clock::now() < end) {
        auto message = read_one();
        if (wanted(message)) return message;
        if (!message.has_events()) waiting_.push_back(std::move(message));
    }
    throw std::runtime_error("the message did not come");
}

v1::Snapshot Client::join(const std::string& room, const std::string& epoch, std::int64_t seq) {
    v1::ClientMessage message;
    message.mutable_join()->set_room_id(room);
    message.mutable_join()->set_epoch(epoch);
    message.mutable_join()->set_seq(seq);
    const auto answer = ask(std::move(message));
    if (!answer.has_snapshot()) throw std::runtime_error("not joined: " + answer.ShortDebugString());
    return answer.snapshot();
}

v1::ServerMessage Client::say(const std::string& room, const std::string& text) {
    v1::ClientMessage message;
    message.mutable_say()->set_room_id(room);
    message.mutable_say()->set_text(text);
    return ask(std::move(message));
}

v1::ServerMessage Client::pin(const std::string& room, const std::string& offer) {
    v1::ClientMessage message;
    message.mutable_pin()->set_room_id(room);
    message.mutable_pin()->set_offer_id(offer);
    return ask(std::move(message));
}

v1::SequencedEvent Client::wait_event(const std::function<bool(const v1::SequencedEvent&)>& wanted) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (true) {
        while (!events_.empty()) {
            const auto event = events_.front();
            events_.pop_front();
            if (wanted(event)) return event;
        }
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the event did not come");
        auto message = read_one();
        if (!message.has_events()) waiting_.push_back(std::move(message));
    }
}

v1::SequencedEvent Client::wait_chat(const std::string& text) {
    return wait_event([&](const v1::SequencedEvent& event) { return event.event().chat().text() == text; });
}

void Client::wait_any() {
    auto message = read_one();
    if (!message.has_events()) waiting_.push_back(std::move(message));
}

std::uint16_t Client::wait_close() {
    if (stream_) {
        while (!stream_->next_data().empty()) {
        }
        return stream_->close_code();
    }
    while (run_task(house_.context(), socket_->read(), std::chrono::seconds(30))) {
    }
    return socket_->peer_close_code();
}

}  // namespace livefair::test
