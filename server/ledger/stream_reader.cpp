#include "ledger/stream_reader.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.hpp"

namespace livefair::ledger {

namespace {

using std::chrono::milliseconds;

/// Between two looks at a cluster's streams.
constexpr milliseconds cluster_pause{5};
constexpr milliseconds answer_deadline{3000};

/// [[key, [[id, [field, value, ...]], ...]], ...] as XREAD answers it.
std::vector<StreamEntry> read_entries(redis::Reply reply, const std::map<std::string, ShowId>& show_of_key) {
    std::vector<StreamEntry> entries;
    for (auto& stream : reply.items) {
        if (stream.items.size() != 2) continue;
        const auto show = show_of_key.find(stream.items[0].text);
        if (show == show_of_key.end()) continue;
        for (auto& item : stream.items[1].items) {
            auto entry = StreamEntry::from_reply(show->second, std::move(item));
            if (entry) entries.push_back(std::move(*entry));
        }
    }
    return entries;
}

/// What replicas have is of no matter to who only reads.
redis::Options reading(redis::Options options) {
    options.replicas_min = 0;
    return options;
}

}  // namespace

std::string orders_key(const ShowId& show) {
    return "{s" + show.str() + "}:orders";
}

void move_on(Positions& positions, const std::vector<StreamEntry>& entries) {
    for (const auto& entry : entries) positions[entry.show] = StreamId::parse(entry.id);
}

StreamReader::StreamReader(net::asio::any_io_executor executor, const redis::Options& redis)
    : executor_(executor), is_cluster_(!redis.cluster_nodes.empty()), redis_(executor, reading(redis)) {}

void StreamReader::start() {
    is_running_ = true;
    redis_.start();
}

void StreamReader::stop() {
    is_running_ = false;
    redis_.stop();
}

net::Task<Result<>> StreamReader::read(Positions from, std::int64_t count, milliseconds wait, Reading& into) {
    if (!is_cluster_) {
        const Result<> read = co_await read_at_once(std::move(from), count, wait, into);
        co_return read;
    }
    // One command may not wait at several slots.
    const auto before = into.entries.size();
    for (const auto& [show, cursor] : from) {
        // One server's absence is not the other shows' matter.
        Positions one;
        one.emplace(show, cursor);
        (void)co_await read_at_once(std::move(one), count, milliseconds(0), into);
    }
    if (into.entries.size() == before) co_await net::sleep_for(std::min(wait, cluster_pause));
    co_return Result<>();
}

net::Task<Result<>> StreamReader::read_at_once(Positions from, std::int64_t count, milliseconds wait, Reading& into) {
    redis::Client::Command command{"XREAD", "COUNT", std::to_string(count)};
    if (wait.count() > 0) {
        command.push_back("BLOCK");
        command.push_back(std::to_string(wait.count()));
    }
    command.push_back("STREAMS");
    std::map<std::string, ShowId> show_of_key;
    for (const auto& [show, cursor] : from) {
        command.push_back(orders_key(show));
        show_of_key[command.back()] = show;
    }
    for (const auto& [show, cursor] : from) command.push_back(cursor.text());
    Servers asked;
    for (const auto& [show, cursor] : from) asked[show] = redis_.run_id(orders_key(show));
    auto reply = co_await redis_.call(std::move(command), wait + answer_deadline);
    if (!reply) co_return reply.error();
    for (const auto& [show, server] : asked) {
        const bool is_same = server == redis_.run_id(orders_key(show)) && into.servers.try_emplace(show, server).first->second == server;
        // Who has answered is not sure, or not who has answered before.
        if (!is_same) co_return make_error_code(Errc::redis_unavailable);
    }
    if (reply->is_error()) {
        log::error("projector could not read", {{"reason", reply->text}});
        co_return make_error_code(Errc::redis_error);
    }
    auto entries = read_entries(std::move(*reply), show_of_key);
    std::move(entries.begin(), entries.end(), std::back_inserter(into.entries));
    co_return Result<>();
}

StreamReader::Ahead::Ahead(const net::asio::any_io_executor& executor) : ended_(executor, net::asio::steady_timer::time_point::max()) {}

net::Task<Reading> StreamReader::Ahead::finish() {
    is_enough_ = true;
    while (!has_ended_) (void)co_await ended_.async_wait(net::as_result);
    co_return std::move(reading_);
}

std::shared_ptr<StreamReader::Ahead> StreamReader::read_ahead(Positions from, std::int64_t count) {
    auto ahead = std::make_shared<Ahead>(executor_);
    net::spawn(executor_, run_ahead(shared_from_this(), std::move(from), count, ahead), "projector's reading ahead");
    return ahead;
}

net::Task<> StreamReader::run_ahead(std::shared_ptr<StreamReader> self, Positions from, std::int64_t count, std::shared_ptr<Ahead> ahead) {
    while (count > 0 && !ahead->is_enough_ && self->is_running_) {
        Reading more{{}, ahead->reading_.servers};
        const Result<> read = co_await self->read(from, count, block, more);
        if (!read) break;
        count -= static_cast<std::int64_t>(more.entries.size());
        move_on(from, more.entries);
        std::move(more.entries.begin(), more.entries.end(), std::back_inserter(ahead->reading_.entries));
        ahead->reading_.servers = std::move(more.servers);
    }
    ahead->has_ended_ = true;
    ahead->ended_.cancel();
}

}  // namespace livefair::ledger
