#include "gateway/ledger_link.hpp"

#include <google/protobuf/util/json_util.h>
#include <livefair/v1/account.pb.h>
#include <livefair/v1/catalog.pb.h>

#include <charconv>
#include <limits>
#include <stdexcept>

#include "auth/token.hpp"
#include "base/log.hpp"
#include "room/wire.hpp"

namespace livefair::gateway {
namespace {

constexpr std::chrono::seconds deadline{3};
constexpr std::size_t idle_max = 16;
/// A token that is longer is none of ours.
constexpr std::size_t token_bytes_max = 128;

template <class Message>
Result<Message> parse(const std::string& json) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    Message message;
    if (google::protobuf::util::JsonStringToMessage(json, &message, options).ok()) return message;
    log::error("ledger_answer_malformed", {{"bytes", json.size()}});
    return make_error_code(Errc::ledger_unavailable);
}

}  // namespace

LedgerAddress::LedgerAddress(const std::string& url) {
    constexpr std::string_view scheme = "http://";
    const auto wrong = std::runtime_error("server.ledger_url must be http:// with an IP address or localhost and a port, such as "
                                          "http://10.0.0.5:8080, where livefair-server --role ledger runs; it is \"" + url + "\"");
    if (!url.starts_with(scheme)) throw wrong;
    host = url.substr(scheme.size());
    while (host.ends_with('/')) host.pop_back();
    if (const auto colon = host.rfind(':'); colon != host.npos) {
        const auto* last = host.data() + host.size();
        const auto [end, ec] = std::from_chars(host.data() + colon + 1, last, port);
        if (ec != std::errc() || end != last || port == 0) throw wrong;
        host.resize(colon);
    }
    if (host.empty() || host.find('/') != host.npos) throw wrong;
}

LedgerLink::LedgerLink(net::asio::any_io_executor executor, const LedgerAddress& address, auth::IdentityCache& identities, const Clock& clock)
    : executor_(std::move(executor)), address_(address), identities_(identities), clock_(clock) {}

LedgerLink::~LedgerLink() = default;

net::Task<Result<auth::Identity>> LedgerLink::find_identity(std::string token) {
    if (token.empty() || token.size() > token_bytes_max) co_return make_error_code(Errc::unauthenticated);
    const auto hash = auth::hash_token(token);
    const auto now_ms = clock_.unix_ms();
    if (auto known = identities_.find(hash, now_ms)) co_return std::move(*known);
    const auto generation = identities_.generation();
    net::HttpHeaders headers{{"authorization", "Bearer " + token}};
    const auto answer = co_await get("/api/v1/me", std::move(headers));
    if (!answer) co_return answer.error();
    const auto account = parse<v1::Account>(*answer);
    if (!account) co_return account.error();
    auth::Identity identity;
    identity.account = AccountId(account->id());
    identity.nickname = account->nickname();
    for (const auto& grant : account->grants()) identity.grants.push_back({static_cast<auth::Role>(grant.role()), grant.room_id()});
    identities_.remember(hash, identity, now_ms, std::numeric_limits<std::int64_t>::max(), generation);
    co_return identity;
}

net::Task<Result<v1::Show>> LedgerLink::show_of(RoomId room) {
    const auto answer = co_await get("/api/v1/rooms/" + room.str() + "/show", {});
    if (!answer) co_return answer.error();
    co_return parse<v1::Show>(*answer);
}

net::WebSocketClientOptions LedgerLink::socket_options(const std::string& token, const std::string& address) const {
    net::WebSocketClientOptions options;
    options.host = address_.host;
    options.port = address_.port;
    options.subprotocol = room::proto_subprotocol;
    options.headers = {{"authorization", "Bearer " + token}, {"x-forwarded-for", address}};
    options.deadline = deadline;
    return options;
}

net::Task<Result<std::string>> LedgerLink::get(std::string target, net::HttpHeaders headers) {
    std::unique_ptr<net::HttpClient> client;
    if (idle_.empty()) {
        client = std::make_unique<net::HttpClient>(executor_, address_.host, address_.port);
    } else {
        client = std::move(idle_.back());
        idle_.pop_back();
    }
    const auto answer = co_await client->request("GET", std::move(target), std::move(headers), {}, deadline);
    if (!answer) co_return make_error_code(Errc::ledger_unavailable);
    if (idle_.size() < idle_max) idle_.push_back(std::move(client));
    if (answer->status == 200) co_return std::string(net::body_of(*answer));
    if (answer->status == 401) co_return make_error_code(Errc::unauthenticated);
    if (answer->status == 404) co_return make_error_code(Errc::not_found);
    log::warn("ledger_answer_refused", {{"status", answer->status}});
    co_return make_error_code(Errc::ledger_unavailable);
}

}  // namespace livefair::gateway
