#include "redis/sentinels.hpp"

#include <charconv>
#include <random>

#include "base/log.hpp"
#include "redis/codec.hpp"

namespace livefair::redis {
namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds refresh_every{5};
/// All sentinels are asked within this time when they can be.
constexpr std::chrono::seconds outdated_for{30};
/// Between two rounds of questions at least, however often one is asked for.
constexpr std::chrono::milliseconds refresh_gap{200};

Time now() { return std::chrono::steady_clock::now(); }

std::optional<Address> address_of(std::string_view host, std::string_view port) {
    std::uint16_t number = 0;
    const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (ec != std::errc{} || end != port.data() + port.size() || number == 0 || host.empty()) return std::nullopt;
    return Address{std::string(host), number};
}

}  // namespace

std::optional<SentinelGroup> parse_sentinels(std::string_view host) {
    if (!host.starts_with(sentinel_scheme)) return std::nullopt;
    host.remove_prefix(sentinel_scheme.size());
    const auto slash = host.find('/');
    if (slash == host.npos || slash + 1 == host.size()) return std::nullopt;
    SentinelGroup group{{}, std::string(host.substr(slash + 1))};
    for (auto list = host.substr(0, slash); !list.empty();) {
        const auto comma = std::min(list.find(','), list.size());
        const auto sentinel = parse_address(list.substr(0, comma));
        if (!sentinel || sentinel->host.empty()) return std::nullopt;
        group.sentinels.push_back(*sentinel);
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    if (group.sentinels.empty() || group.name.find_first_of(" /") != group.name.npos) return std::nullopt;
    return group;
}

std::optional<Address> parse_primary(const Reply& reply) {
    if (reply.kind != Reply::Kind::array || reply.items.size() != 2) return std::nullopt;
    return address_of(reply.items[0].text, reply.items[1].text);
}

std::optional<std::int64_t> parse_config_epoch(const Reply& reply) {
    for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
        if (reply.items[i].text != "config-epoch") continue;
        const auto& text = reply.items[i + 1].text;
        std::int64_t epoch = 0;
        const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), epoch);
        if (ec == std::errc{} && end == text.data() + text.size() && epoch >= 0) return epoch;
    }
    return std::nullopt;
}

bool is_switch_of(std::string_view message, std::string_view name) {
    return message.starts_with(name) && message.substr(name.size()).starts_with(' ');
}

Sentinels::Sentinels(net::asio::any_io_executor executor, SentinelGroup group, const Options& options, std::function<void(const Address&)> on_change)
    : executor_(executor), name_(std::move(group.name)), on_change_(std::move(on_change)), pause_(executor) {
    for (const auto& sentinel : group.sentinels) {
        auto& one = each_.emplace_back(options);
        one.host = sentinel.host;
        one.port = sentinel.port;
    }
    // Not all clients ask the same one first.
    turn_ = std::random_device{}();
}

void Sentinels::start() {
    if (!std::exchange(is_started_, true)) net::spawn(executor_, run(shared_from_this()), "redis_sentinels");
}

void Sentinels::stop() {
    is_stopped_ = has_tried_ = true;
    if (connection_) connection_->close();
    pause_.cancel();
}

void Sentinels::refresh_soon() {
    if (std::exchange(is_wanted_, true)) return;
    if (connection_) connection_->close();
    pause_.cancel();
}

net::Task<> Sentinels::wait_for_first(std::shared_ptr<Sentinels> self, Time deadline) {
    while (!self->has_tried_ && now() < deadline) co_await net::sleep_for(std::chrono::milliseconds(10));
}

net::Task<> Sentinels::run(std::shared_ptr<Sentinels> self) {
    while (!self->is_stopped_) {
        self->is_wanted_ = false;
        const auto asked_at = now();
        const bool has_answer = co_await ask(self);
        self->has_tried_ = true;
        if (self->is_stopped_) co_return;
        if (has_answer && !self->is_wanted_) co_await listen(self, self->connection_);
        if (self->connection_) self->connection_->close();
        if (self->is_stopped_) co_return;
        self->pause_.expires_at(asked_at + refresh_gap);
        co_await self->pause_.async_wait(net::as_result);
    }
}

/// True: `connection_` is to a sentinel that knows a primary.
net::Task<bool> Sentinels::ask(std::shared_ptr<Sentinels> self) {
    for (std::size_t i = 0; i < self->each_.size() && !self->is_stopped_; ++i) {
        self->connection_ = std::make_shared<Connection>(self->executor_, self->each_[self->turn_++ % self->each_.size()]);
        const auto connection = self->connection_;
        const auto opened = co_await connection->open();
        if (!opened) continue;
        // The epoch first: a failover between the two answers must not be taken for one that made the old primary.
        Client::Command about = {"SENTINEL", "MASTER", self->name_};
        const auto state = co_await connection->exchange(std::move(about));
        const auto epoch = state ? parse_config_epoch(*state) : std::nullopt;
        Client::Command question = {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", self->name_};
        const auto reply = co_await connection->exchange(std::move(question));
        const auto primary = reply ? parse_primary(*reply) : std::nullopt;
        if (epoch && primary && !self->is_outdated(*epoch) && !self->is_stopped_) {
            self->found(*primary, *epoch);
            co_return true;
        }
        connection->close();
    }
    log::warn("redis_sentinels_unreachable", {{"sentinels", static_cast<std::int64_t>(self->each_.size())}, {"name", self->name_}});
    co_return false;
}

/// Until a switch, after which the same sentinel is asked first, the connection's end, or refresh_every.
net::Task<> Sentinels::listen(std::shared_ptr<Sentinels> self, std::shared_ptr<Connection> connection) {
    std::string bytes;
    append_command(bytes, {"SUBSCRIBE", "+switch-master"});
    const auto sent = co_await connection->send(std::move(bytes));
    if (!sent) co_return;
    self->pause_.expires_after(refresh_every);
    self->pause_.async_wait([weak = std::weak_ptr(connection)](boost::system::error_code ec) {
        const auto the_connection = weak.lock();
        if (!ec && the_connection) the_connection->close();
    });
    for (;;) {
        const auto reply = co_await connection->receive();
        if (!reply || self->is_stopped_) co_return;
        if (reply->items.size() != 3 || reply->items[0].text != "message") continue;
        if (!is_switch_of(reply->items[2].text, self->name_)) continue;
        --self->turn_;
        co_return;
    }
}

bool Sentinels::is_outdated(std::int64_t epoch) const {
    return epoch < epoch_ && now() < confirmed_at_ + outdated_for;
}

void Sentinels::found(const Address& primary, std::int64_t epoch) {
    epoch_ = epoch;
    confirmed_at_ = now();
    if (primary == primary_) return;
    log::info("redis_primary", {{"address", primary.text()}, {"before", primary_.host.empty() ? std::string() : primary_.text()}});
    primary_ = primary;
    on_change_(primary_);
}

}  // namespace livefair::redis
