#include "redis/slot_map.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace livefair::redis {
namespace {

constexpr std::chrono::seconds refresh_every{10};
/// Between two readings at least, however often one is asked for.
constexpr std::chrono::milliseconds refresh_gap{200};
constexpr std::size_t servers_max = 1000;

/// {host, port, id, ...} of CLUSTER SLOTS.
std::optional<Address> server_of(const Reply& reply, const Address& asked) {
    if (reply.items.size() < 2) return std::nullopt;
    const auto port = reply.items[1].integer;
    if (port < 1 || port > 65535) return std::nullopt;
    const auto& host = reply.items[0].text;
    return Address{host.empty() || host == "?" ? asked.host : host, static_cast<std::uint16_t>(port)};
}

std::uint16_t index_of(std::vector<Address>& list, const Address& server) {
    const auto found = std::find(list.begin(), list.end(), server);
    if (found != list.end()) return static_cast<std::uint16_t>(found - list.begin());
    list.push_back(server);
    return static_cast<std::uint16_t>(list.size() - 1);
}

}  // namespace

Result<SlotTable> parse_slots(const Reply& reply, const Address& asked) {
    SlotTable table;
    table.owner.assign(slot_count, SlotTable::nobody);
    if (reply.kind != Reply::Kind::array) return make_error_code(Errc::invalid_input);
    for (const auto& range : reply.items) {
        if (range.items.size() < 3) return make_error_code(Errc::invalid_input);
        const auto first = range.items[0].integer, last = range.items[1].integer;
        const auto primary = server_of(range.items[2], asked);
        if (first < 0 || first > last || last >= slot_count || !primary) return make_error_code(Errc::invalid_input);
        const auto owner = index_of(table.primaries, *primary);
        std::fill(table.owner.begin() + first, table.owner.begin() + last + 1, owner);
        for (std::size_t i = 3; i < range.items.size(); ++i) {
            if (const auto replica = server_of(range.items[i], asked)) index_of(table.replicas, *replica);
        }
        if (table.primaries.size() + table.replicas.size() > servers_max) return make_error_code(Errc::invalid_input);
    }
    return table;
}

SlotMap::SlotMap(net::asio::any_io_executor executor, Options options, std::function<void()> on_change)
    : executor_(executor), options_(std::move(options)), on_change_(std::move(on_change)), pause_(executor) {}

void SlotMap::start() {
    if (!std::exchange(is_started_, true)) net::spawn(executor_, run(shared_from_this()), "redis_slot_map");
}

void SlotMap::stop() {
    is_stopped_ = true;
    if (connection_) connection_->close();
    pause_.cancel();
    has_tried_ = true;
}

void SlotMap::refresh_soon() {
    if (!std::exchange(is_wanted_, true)) pause_.cancel();
}

void SlotMap::moved(std::uint16_t slot, const Address& to) {
    if (!table_.owner.empty()) table_.owner[slot] = index_of(table_.primaries, to);
    refresh_soon();
}

const Address* SlotMap::find(std::uint16_t slot) const {
    if (table_.owner.empty() || table_.owner[slot] == SlotTable::nobody) return nullptr;
    return &table_.primaries[table_.owner[slot]];
}

bool SlotMap::is_complete() const {
    return !table_.owner.empty() && std::find(table_.owner.begin(), table_.owner.end(), SlotTable::nobody) == table_.owner.end();
}

net::Task<> SlotMap::wait_for_first(std::shared_ptr<SlotMap> self, std::chrono::steady_clock::time_point deadline) {
    while (!self->has_tried_ && std::chrono::steady_clock::now() < deadline) co_await net::sleep_for(std::chrono::milliseconds(10));
}

net::Task<> SlotMap::run(std::shared_ptr<SlotMap> self) {
    while (!self->is_stopped_) {
        self->is_wanted_ = false;
        const auto read_at = std::chrono::steady_clock::now();
        const bool is_read = co_await read(self);
        self->has_tried_ = true;
        if (self->is_stopped_) co_return;
        if (is_read) self->on_change_();
        else self->is_wanted_ = true;
        // The pause is cut short by refresh_soon(), but never below the gap.
        if (!self->is_wanted_) {
            self->pause_.expires_at(read_at + refresh_every);
            co_await self->pause_.async_wait(net::as_result);
        }
        if (self->is_stopped_) co_return;
        self->pause_.expires_at(read_at + refresh_gap);
        co_await self->pause_.async_wait(net::as_result);
    }
}

/// Servers to ask: those that are known, then those of the configuration.
std::vector<Address> SlotMap::servers() const {
    std::vector<Address> servers = table_.primaries;
    for (const auto& more : {table_.replicas, options_.cluster_nodes})
        for (const auto& server : more) index_of(servers, server);
    return servers;
}

/// Asks one server after the other, another one first each time, until one has answered.
net::Task<bool> SlotMap::read(std::shared_ptr<SlotMap> self) {
    auto servers = self->servers();
    static thread_local std::size_t turn = 0;
    std::rotate(servers.begin(), servers.begin() + static_cast<std::ptrdiff_t>(turn++ % servers.size()), servers.end());
    for (const auto& server : servers) {
        if (self->is_stopped_) co_return false;
        // The connection refers to its options.
        const auto options = std::make_unique<Options>(self->options_);
        options->host = server.host;
        options->port = server.port;
        const auto connection = std::make_shared<Connection>(self->executor_, *options);
        self->connection_ = connection;
        const auto opened = co_await connection->open();
        Client::Command ask = {"CLUSTER", "SLOTS"};
        Result<Reply> reply = make_error_code(Errc::redis_unavailable);
        if (opened) reply = co_await connection->exchange(std::move(ask));
        connection->close();
        if (!reply) continue;
        auto table = parse_slots(*reply, server);
        if (!table || table->primaries.empty()) continue;
        self->table_ = std::move(*table);
        co_return true;
    }
    log::warn("redis_cluster_unreachable", {{"servers", static_cast<std::int64_t>(servers.size())}});
    co_return false;
}

}  // namespace livefair::redis
