#include "ledger/projector.hpp"

#include <livefair/v1/order.pb.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <iterator>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "ledger/leases.hpp"
#include "ledger/order_text.hpp"
#include "ledger/projection.hpp"

namespace livefair::ledger {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds retry_pause{100};
constexpr milliseconds block{100};
/// Between two looks at a cluster's streams.
constexpr milliseconds cluster_pause{5};
constexpr milliseconds answer_deadline{3000};
constexpr milliseconds refresh_period{500};
/// Orders are kept in the stream this long behind the cursor, for people who look into a fault.
constexpr std::uint64_t trim_margin_ms = 10 * 60 * 1000;
constexpr std::chrono::seconds trim_period{60};
/// From this batch on orders come fast enough that waiting for more makes fewer commits.
constexpr std::int64_t busy_rows = 16;
/// Messages to Redis that may wait for their answer.
constexpr std::size_t unanswered_max = 1000;

using Entries = std::vector<StreamEntry>;

std::string key_of(const ShowId& show, const char* name) {
    return "{s" + show.str() + "}:" + name;
}

/// [[key, [[id, [field, value, ...]], ...]], ...] as XREAD answers it.
Entries read_entries(redis::Reply reply, const std::map<std::string, ShowId>& show_of_key) {
    Entries entries;
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

std::int64_t count_orders(const Entries& entries) {
    std::size_t orders = 0;
    for (const auto& entry : entries) orders += entry.orders.size();
    return static_cast<std::int64_t>(orders);
}

/// In batches of at most `orders_max` orders, or one entry.
std::vector<Entries> cut(Entries entries, std::int64_t orders_max) {
    std::vector<Entries> batches;
    std::int64_t orders = orders_max;
    for (auto& entry : entries) {
        const auto more = static_cast<std::int64_t>(entry.orders.size());
        if (batches.empty() || orders + more > orders_max) {
            batches.emplace_back();
            orders = 0;
        }
        orders += more;
        batches.back().push_back(std::move(entry));
    }
    return batches;
}

/// v1::Order of each order that its buyer is told about (a new one is in the answer to the purchase already).
struct Notice {
    std::string account;
    std::string order_bytes;
};
Result<std::vector<Notice>> read_notices(Database& database, const std::vector<CommitSummary>& summaries) {
    std::vector<Notice> notices;
    for (const auto& summary : summaries) {
        for (const auto& changed : summary.orders) {
            if (changed.is_new && changed.state == OrderState::reserved) continue;
            const auto order = find_order(database, changed.id, AccountId());
            if (!order) return order.error();
            notices.push_back({changed.buyer.str(), order->SerializeAsString()});
        }
    }
    return notices;
}

/// A committed id whose refusals are not known any more.
struct Known {
    ShowId show;
    std::string last_id;
};

struct Batch {
    Projection projection;
    std::vector<Notice> notices;
    std::vector<Known> known;
    std::map<ShowId, std::string> epochs;
    bool has_left_out = false;  ///< Entries that have to wait for the rebuild of their till.
};

/// Entries that the ledger had already, committed by a projector that was stopped before it could say so.
std::vector<Known> known_entries(const std::vector<StreamEntry>& entries, const std::vector<CommitSummary>& summaries) {
    std::map<ShowId, std::string> last_ids;
    for (const auto& entry : entries) last_ids[entry.show] = entry.id;
    for (const auto& summary : summaries) last_ids.erase(summary.show);
    std::vector<Known> known;
    for (const auto& [show, id] : last_ids) known.push_back({show, id});
    return known;
}

/// Which Redis server, by its run id, the entries of a show were read from.
using Servers = std::map<ShowId, std::string>;
/// How far each show's stream has been read.
using Positions = std::map<ShowId, StreamId>;

/// What has been read and is not written yet.
struct Reading {
    Entries entries;
    Servers servers;
};

void move_on(Positions& positions, const Entries& entries) {
    for (const auto& entry : entries) positions[entry.show] = StreamId::parse(entry.id);
}

/// The tills' epochs, of those shows that were read from the server that their till was last rebuilt for.
Result<std::map<ShowId, std::string>> read_epochs(Database& database, const Servers& servers) {
    std::map<ShowId, std::string> epochs;
    for (const auto& [show, server] : servers) {
        const auto row = database.query("SELECT run_id, epoch FROM tills WHERE show_id = ?", {show.str()});
        if (!row) return row.error();
        if (row->empty()) continue;
        const auto& run_id = row->front().text(0);
        if (run_id == server || run_id == "~" + server) epochs[show] = std::to_string(row->front().integer(1));
    }
    return epochs;
}

/// Leaves entries of shows out that were read from another server than their till is for.
Result<Batch> commit_batch(Database& database, const std::vector<StreamEntry>& read, const Servers& servers, bool carefully) {
    auto epochs = read_epochs(database, servers);
    if (!epochs) return epochs.error();
    const auto is_left_out = [&](const StreamEntry& entry) { return !epochs->contains(entry.show); };
    const bool has_left_out = std::any_of(read.begin(), read.end(), is_left_out);
    std::vector<StreamEntry> rest;
    if (has_left_out) std::remove_copy_if(read.begin(), read.end(), std::back_inserter(rest), is_left_out);
    const auto& entries = has_left_out ? rest : read;
    auto projection = carefully && !entries.empty() ? apply_carefully(database, entries.front()) : apply_entries(database, entries);
    if (!projection) return projection.error();
    auto notices = read_notices(database, projection->summaries);
    if (!notices) return notices.error();
    auto known = known_entries(entries, projection->summaries);
    return Batch{std::move(*projection), std::move(*notices), std::move(known), std::move(*epochs), has_left_out};
}

}  // namespace

class Projector::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, const redis::Options& redis, Ledger& ledger, Options options)
        : executor_(executor),
          is_cluster_(!redis.cluster_nodes.empty()),
          reader_(executor, reading(redis)),
          writer_(executor, redis),
          ledger_(ledger),
          leases_(ledger, options.lease),
          options_(options) {
        options_.batch_ms = std::clamp<std::int64_t>(options_.batch_ms, 0, 15);
        options_.batch_rows = std::clamp<std::int64_t>(options_.batch_rows, 1, 10'000);
    }

    void start() {
        running_ = true;
        reader_.start();
        writer_.start();
        net::spawn(executor_, run(shared_from_this()), "projector");
    }

    void stop() {
        running_ = false;
        reader_.stop();
        writer_.stop();
    }

    bool holds(const ShowId& show) const { return leases_.has(show); }

    net::Task<Result<>> catch_up(ShowId show, milliseconds deadline) {
        const auto end = std::chrono::steady_clock::now() + deadline;
        const redis::Client::Command newest_command{"XREVRANGE", key_of(show, "orders"), "+", "-", "COUNT", "1"};
        const auto newest = co_await writer_.command(newest_command);
        if (!newest) co_return newest.error();
        const bool is_its_server = co_await is_server_of(show);
        if (!is_its_server) co_return make_error_code(Errc::redis_unavailable);
        StreamId goal;
        if (!newest->items.empty()) goal = StreamId::parse(newest->items.front().items.front().text);
        must_refresh_ = true;
        // What was read before the call may still be on its way into the ledger, with this turn or, read ahead, with the next one.
        const auto turn = turns_ + (is_reading_ahead_ ? 1 : 0);
        for (;;) {
            const auto cursor = co_await cursor_of(show);
            if (cursor && *cursor >= goal && (turns_ > turn || !cursors_.contains(show))) co_return Result<>();
            if (!running_ || std::chrono::steady_clock::now() >= end) co_return make_error_code(Errc::timed_out);
            co_await net::sleep_for(milliseconds(2));
        }
    }

    void watch() { must_refresh_ = true; }

    OnCommit on_commit;
    OnRefused on_refused;

private:
    /// What is read while the ledger writes.
    struct Ahead {
        explicit Ahead(const net::asio::any_io_executor& executor) : ended(executor, net::asio::steady_timer::time_point::max()) {}
        Reading reading;
        bool is_enough = false, has_ended = false;
        net::asio::steady_timer ended;  ///< Cancelled at the end.
    };

    static net::Task<> run(std::shared_ptr<Impl> self) {
        while (self->running_) {
            const Result<> worked = co_await self->turn();
            ++self->turns_;
            self->is_reading_ahead_ = false;
            if (!worked) co_await net::sleep_for(retry_pause);
        }
        co_await self->leases_.leave();
    }

    /// What the ledger has of a show that we or another program projects.
    net::Task<Result<StreamId>> cursor_of(ShowId show) {
        const auto ours = cursors_.find(show);
        if (ours != cursors_.end()) co_return ours->second;
        auto read_cursor = [show](Database& database) {
            return database.query("SELECT stream_id FROM tills WHERE show_id = ?", {show.str()});
        };
        const auto rows = co_await ledger_.read(std::move(read_cursor));
        if (!rows) co_return rows.error();
        if (rows->empty()) co_return make_error_code(Errc::not_found);
        co_return StreamId::parse(rows->front().text(0));
    }

    /// Whether the stream that we asked for its end is that of the server which the till is for.
    net::Task<bool> is_server_of(ShowId show) {
        auto read = [show, servers = Servers{{show, writer_.run_id(key_of(show, "orders"))}}](Database& database) { return read_epochs(database, servers); };
        const auto epochs = co_await ledger_.read(std::move(read));
        co_return epochs && epochs->contains(show);
    }

    /// Reads what there is, commits it, tells the others.
    net::Task<Result<>> turn() {
        auto reading = std::exchange(ahead_, {});
        const Result<> refreshed = co_await refresh();
        if (!refreshed) co_return refreshed.error();
        co_await say_again();
        if (cursors_.empty()) {
            co_await net::sleep_for(block);
            co_return Result<>();
        }
        std::erase_if(reading.entries, [&](const StreamEntry& entry) { return !cursors_.contains(entry.show); });
        if (reading.entries.empty()) {
            reading = {};
            const Result<> first = co_await read(cursors_, entries_a_batch(), block, reading);
            if (!first) co_return first.error();
            if (count_orders(reading.entries) >= busy_rows && options_.batch_ms > 0) {
                co_await net::sleep_for(milliseconds(options_.batch_ms));
                const Result<> more = co_await read_more(reading);
                if (!more) co_return more.error();
            }
        }
        if (reading.entries.empty()) co_return Result<>();
        const auto orders = count_orders(reading.entries);
        orders_an_entry_ = std::max<std::int64_t>(1, orders / static_cast<std::int64_t>(reading.entries.size()));
        Result<> committed;
        if (orders < busy_rows)
            committed = co_await commit_all(std::move(reading));
        else
            committed = co_await commit_and_read_ahead(std::move(reading));
        co_return committed;
    }

    /// While the ledger writes what was read, the next batch gathers: it needs no wait of its own.
    net::Task<Result<>> commit_and_read_ahead(Reading reading) {
        const auto ahead = std::make_shared<Ahead>(executor_);
        auto from = cursors_;
        move_on(from, reading.entries);
        is_reading_ahead_ = true;
        net::spawn(executor_, read_ahead(shared_from_this(), std::move(from), ahead), "projector's reading ahead");
        const Result<> committed = co_await commit_all(std::move(reading));
        ahead->is_enough = true;
        while (!ahead->has_ended) (void)co_await ahead->ended.async_wait(net::as_result);
        // After a failure all is read again, from where the ledger is.
        if (committed) ahead_ = std::move(ahead->reading);
        co_return committed;
    }

    static net::Task<> read_ahead(std::shared_ptr<Impl> self, Positions from, std::shared_ptr<Ahead> ahead) {
        Result<> read;
        for (std::int64_t room = self->entries_a_batch(); read && room > 0 && !ahead->is_enough && self->running_;) {
            Reading more{{}, ahead->reading.servers};
            read = co_await self->read(from, room, block, more);
            if (!read) break;
            room -= static_cast<std::int64_t>(more.entries.size());
            move_on(from, more.entries);
            std::move(more.entries.begin(), more.entries.end(), std::back_inserter(ahead->reading.entries));
            ahead->reading.servers = std::move(more.servers);
        }
        ahead->has_ended = true;
        ahead->ended.cancel();
    }

    net::Task<Result<>> commit_all(Reading reading) {
        for (auto& batch : cut(std::move(reading.entries), options_.batch_rows)) {
            const Result<> committed = co_await commit(std::make_shared<const Entries>(std::move(batch)), reading.servers);
            if (!committed) co_return committed.error();
        }
        co_return Result<>();
    }

    /// How many are about a batch's orders, as long as entries are as full as those before.
    std::int64_t entries_a_batch() const { return std::max<std::int64_t>(1, options_.batch_rows / orders_an_entry_); }

    /// Shows that went on sale since, or whose projector died. The cursor of a show that we hold is ours to move.
    net::Task<Result<>> refresh() {
        const auto lost = co_await leases_.renew();
        for (const auto& show : lost) {
            cursors_.erase(show);
            unsaid_.erase(show);
        }
        const auto now = std::chrono::steady_clock::now();
        if (!must_refresh_ && now < next_refresh_) co_return Result<>();
        must_refresh_ = false;
        next_refresh_ = now + refresh_period;
        auto read_tills = [](Database& database) { return database.query("SELECT show_id, epoch FROM tills"); };
        const auto rows = co_await ledger_.read(std::move(read_tills));
        if (!rows) co_return rows.error();
        for (const auto& row : *rows) {
            const ShowId show(row.text(0));
            if (cursors_.contains(show)) continue;
            const auto cursor = co_await leases_.take(show);
            if (!cursor) co_return cursor.error();
            if (!cursor->has_value()) continue;
            const Result<> taken_up = co_await take_up(show, **cursor, std::to_string(row.integer(1)));
            if (!taken_up) co_return taken_up.error();
            cursors_.emplace(show, StreamId::parse(**cursor));
        }
        co_return Result<>();
    }

    /// Says again what the projector before us may have committed without being able to say it.
    net::Task<Result<>> take_up(ShowId show, std::string cursor, std::string epoch) {
        auto read_refused = [show](Database& database) { return refused_not_returned(database, show); };
        auto refused = co_await ledger_.read(std::move(read_refused));
        if (!refused) co_return refused.error();
        Batch batch;
        batch.projection.refused = std::move(*refused);
        if (StreamId::parse(cursor) != StreamId()) batch.known.push_back({show, cursor});
        batch.epochs[show] = std::move(epoch);
        co_await tell(std::move(batch));
        co_return Result<>();
    }

    /// What replicas have is of no matter to who only reads.
    static redis::Options reading(redis::Options options) {
        options.replicas_min = 0;
        return options;
    }

    /// Adds to `into` at most `count` entries of each show.
    net::Task<Result<>> read(Positions from, std::int64_t count, milliseconds wait, Reading& into) {
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

    net::Task<Result<>> read_at_once(Positions from, std::int64_t count, milliseconds wait, Reading& into) {
        redis::Client::Command command{"XREAD", "COUNT", std::to_string(count)};
        if (wait.count() > 0) {
            command.push_back("BLOCK");
            command.push_back(std::to_string(wait.count()));
        }
        command.push_back("STREAMS");
        std::map<std::string, ShowId> show_of_key;
        for (const auto& [show, cursor] : from) {
            command.push_back(key_of(show, "orders"));
            show_of_key[command.back()] = show;
        }
        for (const auto& [show, cursor] : from) command.push_back(cursor.text());
        Servers asked;
        for (const auto& [show, cursor] : from) asked[show] = reader_.run_id(key_of(show, "orders"));
        auto reply = co_await reader_.call(std::move(command), wait + answer_deadline);
        if (!reply) co_return reply.error();
        for (const auto& [show, server] : asked) {
            const bool is_same = server == reader_.run_id(key_of(show, "orders")) && into.servers.try_emplace(show, server).first->second == server;
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

    net::Task<Result<>> read_more(Reading& reading) {
        const auto room = entries_a_batch() - static_cast<std::int64_t>(reading.entries.size());
        if (room <= 0) co_return Result<>();
        auto from = cursors_;
        move_on(from, reading.entries);
        const Result<> more = co_await read(std::move(from), room, milliseconds(0), reading);
        co_return more;
    }

    /// `work` in a transaction in which the leases of the entries' shows are ours.
    template <class Work>
    net::Task<Result<Batch>> write_leased(std::shared_ptr<const Entries> entries, Work work) {
        std::set<ShowId> shows;
        for (const auto& entry : *entries) shows.insert(entry.show);
        auto leased = [leases = leases_.of({shows.begin(), shows.end()}), work](Database& database) -> Result<Batch> {
            if (const auto held = check_leases(database, leases); !held) return held.error();
            return work(database);
        };
        auto batch = co_await ledger_.write(std::move(leased));
        if (!batch && batch.error() == Errc::forbidden) leases_.doubt();
        co_return batch;
    }

    net::Task<Result<>> commit(std::shared_ptr<const Entries> entries, Servers servers) {
        auto write_all = [entries, servers](Database& database) { return commit_batch(database, *entries, servers, false); };
        auto batch = co_await write_leased(entries, std::move(write_all));
        if (!batch && batch.error() == Errc::conflict) {
            const Result<> committed = co_await commit_one_by_one(std::move(entries), std::move(servers));
            co_return committed;
        }
        if (!batch) co_return batch.error();
        rows_.observe(static_cast<double>(count_orders(*entries)));
        const bool must_wait = batch->has_left_out;
        co_await tell(std::move(*batch));
        if (must_wait) co_return make_error_code(Errc::redis_unavailable);
        co_return Result<>();
    }

    /// Finds the order that the schema refuses, so that the others get through.
    net::Task<Result<>> commit_one_by_one(std::shared_ptr<const Entries> entries, Servers servers) {
        log::error("an entry of an orders stream breaks a rule of the ledger: see its anomalies",
                   {{"from", entries->front().id}, {"to", entries->back().id}});
        for (const auto& entry : *entries) {
            const auto alone = std::make_shared<const Entries>(Entries{entry});
            auto write_one = [alone, servers](Database& database) { return commit_batch(database, *alone, servers, true); };
            auto batch = co_await write_leased(alone, std::move(write_one));
            if (!batch) co_return batch.error();
            // What comes after it must not be first.
            if (batch->has_left_out) co_return make_error_code(Errc::redis_unavailable);
            co_await tell(std::move(*batch));
        }
        co_return Result<>();
    }

    /// Refused orders go back to the till before anybody is told that their id is committed: who asks the till
    /// afterwards hears "refused".
    net::Task<> tell(Batch batch) {
        for (const auto& refused : batch.projection.refused) {
            log::error("the ledger refused an order that the till let through",
                       {{"show", refused.show.str()}, {"order", refused.order.str()}});
            // Stopped: the next projector takes it up.
            if (!running_) co_return;
            if (on_refused) co_await on_refused(refused);
        }
        for (const auto& summary : batch.projection.summaries) {
            cursors_[summary.show] = StreamId::parse(summary.last_id);
            co_await publish(summary, batch.epochs[summary.show], batch.projection.refused);
        }
        // Only the key: a message without the refusals would be taken for "nothing refused"; who finds the key asks the
        // ledger.
        for (const auto& known : batch.known) {
            auto& cursor = cursors_[known.show];
            cursor = std::max(cursor, StreamId::parse(known.last_id));
            co_await send_key(known.show, known.last_id + "@" + batch.epochs[known.show]);
        }
        for (const auto& notice : batch.notices) {
            redis::Client::Command publish{"SPUBLISH", "lf:orders", notice.account + " " + notice.order_bytes};
            co_await send(std::move(publish));
        }
        co_await trim();
    }

    /// A lost message costs its waiters a look at the key, so it is not repeated. The message goes first, because
    /// buyers wait for it.
    net::Task<> publish(CommitSummary summary, std::string epoch, std::vector<RefusedOrder> refused) {
        const auto key = key_of(summary.show, "committed");
        const auto position = summary.last_id + "@" + epoch;
        std::string payload = position;
        for (const auto& order : refused) {
            if (order.show == summary.show) payload += " " + order.order.str();
        }
        redis::Client::Command publish{"SPUBLISH", key, payload};
        co_await send(std::move(publish));
        co_await send_key(summary.show, position);
        if (on_commit && running_) on_commit(summary);
    }

    /// Messages leave in this order, and the next batch does not wait for their answers.
    net::Task<> send(redis::Client::Command command) {
        while (unanswered_ >= unanswered_max) co_await net::sleep_for(milliseconds(1));
        ++unanswered_;
        net::spawn(executor_, deliver(shared_from_this(), std::move(command)), "projector's message");
    }

    static net::Task<> deliver(std::shared_ptr<Impl> self, redis::Client::Command command) {
        (void)co_await self->writer_.command(std::move(command));
        --self->unanswered_;
    }

    /// The key is what waiters look at when they have missed the message: it is written until Redis has it, for no later
    /// commit may come that would say it, too.
    net::Task<> send_key(ShowId show, std::string position) {
        while (unanswered_ >= unanswered_max) co_await net::sleep_for(milliseconds(1));
        ++unanswered_;
        unsaid_[show] = position;
        net::spawn(executor_, deliver_key(shared_from_this(), show, std::move(position)), "projector's key");
    }

    static net::Task<> deliver_key(std::shared_ptr<Impl> self, ShowId show, std::string position) {
        redis::Client::Command set{"SET", key_of(show, "committed"), position};
        const auto said = co_await self->writer_.command(std::move(set));
        --self->unanswered_;
        const auto unsaid = self->unsaid_.find(show);
        if (said && unsaid != self->unsaid_.end() && unsaid->second == position) self->unsaid_.erase(unsaid);
    }

    net::Task<> say_again() {
        const auto now = std::chrono::steady_clock::now();
        if (unsaid_.empty() || now < next_saying_) co_return;
        next_saying_ = now + retry_pause;
        const auto unsaid = unsaid_;
        for (const auto& [show, position] : unsaid) co_await send_key(show, position);
    }

    /// By the committed cursor, never by length: what the ledger does not have stays.
    net::Task<> trim() {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_trim_) co_return;
        next_trim_ = now + trim_period;
        const auto cursors = cursors_;
        for (const auto& [show, cursor] : cursors) {
            if (cursor.ms <= trim_margin_ms) continue;
            redis::Client::Command command{"XTRIM", key_of(show, "orders"), "MINID", "~",
                                           std::to_string(cursor.ms - trim_margin_ms)};
            (void)co_await writer_.command(std::move(command));
        }
    }

    net::asio::any_io_executor executor_;
    bool is_cluster_;
    redis::Client reader_;  ///< Blocks in XREAD.
    redis::Client writer_;
    Ledger& ledger_;
    LeaseBook leases_;
    Options options_;
    bool running_ = false;
    bool must_refresh_ = true;
    std::int64_t orders_an_entry_ = 1;  ///< Of the entries read last.
    std::size_t unanswered_ = 0;
    std::chrono::steady_clock::time_point next_refresh_;
    std::chrono::steady_clock::time_point next_trim_;
    std::chrono::steady_clock::time_point next_saying_;
    Positions cursors_;  ///< What the ledger has of each watched show.
    std::map<ShowId, std::string> unsaid_;  ///< Newest positions that Redis has not been told.
    Reading ahead_;                    ///< The next turn's.
    bool is_reading_ahead_ = false;    ///< This turn has begun to read what the next one writes.
    std::uint64_t turns_ = 0;          ///< That have ended.
    metrics::Histogram rows_ =
        metrics::histogram("livefair_projector_batch_rows", "Events of orders in one SQL commit",
                           {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000});
};

Projector::Projector(net::asio::any_io_executor executor, redis::Options redis, Ledger& ledger, Options options)
    : impl_(std::make_shared<Impl>(std::move(executor), redis, ledger, options)) {}
Projector::~Projector() {
    impl_->stop();
}
void Projector::on_commit(OnCommit handler) {
    impl_->on_commit = std::move(handler);
}
void Projector::on_refused(OnRefused handler) {
    impl_->on_refused = std::move(handler);
}
void Projector::start() {
    impl_->start();
}
void Projector::stop() {
    impl_->stop();
}
void Projector::watch(const ShowId&) {
    impl_->watch();
}
bool Projector::holds(const ShowId& show) const {
    return impl_->holds(show);
}
net::Task<Result<>> Projector::catch_up(ShowId show, std::chrono::milliseconds deadline) {
    return impl_->catch_up(std::move(show), deadline);
}

}  // namespace livefair::ledger
