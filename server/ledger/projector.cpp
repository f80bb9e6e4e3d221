#include "ledger/projector.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "ledger/commit_messages.hpp"
#include "ledger/projector_batch.hpp"
#include "ledger/leases.hpp"
#include "ledger/stream_reader.hpp"

namespace livefair::ledger {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds retry_pause{100};
constexpr milliseconds refresh_period{500};
/// Orders are kept in the stream this long behind the cursor, for people who look into a fault.
constexpr std::uint64_t trim_margin_ms = 10 * 60 * 1000;
constexpr std::chrono::seconds trim_period{60};
/// From this batch on orders come fast enough that waiting for more makes fewer commits.
constexpr std::int64_t busy_rows = 16;

}  // namespace

class Projector::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, const redis::Options& redis, Ledger& ledger, Options options)
        : executor_(executor),
          reader_(std::make_shared<StreamReader>(executor, redis)),
          messages_(std::make_shared<CommitMessages>(executor, redis)),
          ledger_(ledger),
          leases_(ledger, options.lease),
          options_(options) {
        options_.batch_ms = std::clamp<std::int64_t>(options_.batch_ms, 0, 15);
        options_.batch_rows = std::clamp<std::int64_t>(options_.batch_rows, 1, 10'000);
    }

    void start() {
        running_ = true;
        reader_->start();
        messages_->start();
        net::spawn(executor_, run(shared_from_this()), "projector");
    }

    void stop() {
        running_ = false;
        reader_->stop();
        messages_->stop();
    }

    bool holds(const ShowId& show) const { return leases_.has(show); }

    net::Task<Result<>> catch_up(ShowId show, milliseconds deadline) {
        const auto end = std::chrono::steady_clock::now() + deadline;
        const redis::Client::Command newest_command{"XREVRANGE", orders_key(show), "+", "-", "COUNT", "1"};
        const auto newest = co_await messages_->redis().command(newest_command);
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
        const Servers servers{{show, messages_->redis().run_id(orders_key(show))}};
        auto read = [servers](Database& database) { return read_epochs(database, servers); };
        const auto epochs = co_await ledger_.read(std::move(read));
        co_return epochs && epochs->contains(show);
    }

    /// Reads what there is, commits it, tells the others.
    net::Task<Result<>> turn() {
        auto reading = std::exchange(ahead_, {});
        const Result<> refreshed = co_await refresh();
        if (!refreshed) co_return refreshed.error();
        co_await messages_->say_again();
        if (cursors_.empty()) {
            co_await net::sleep_for(StreamReader::block);
            co_return Result<>();
        }
        std::erase_if(reading.entries, [&](const StreamEntry& entry) { return !cursors_.contains(entry.show); });
        if (reading.entries.empty()) {
            reading = {};
            const Result<> first = co_await reader_->read(cursors_, entries_a_batch(), StreamReader::block, reading);
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
        auto from = cursors_;
        move_on(from, reading.entries);
        is_reading_ahead_ = true;
        const auto ahead = reader_->read_ahead(std::move(from), entries_a_batch());
        const Result<> committed = co_await commit_all(std::move(reading));
        auto next = co_await ahead->finish();
        // After a failure all is read again, from where the ledger is.
        if (committed) ahead_ = std::move(next);
        co_return committed;
    }

    net::Task<Result<>> commit_all(Reading reading) {
        for (auto& batch : cut_into_batches(std::move(reading.entries), options_.batch_rows)) {
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
            messages_->forget(show);
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
        CommittedBatch batch;
        batch.projection.refused = std::move(*refused);
        if (StreamId::parse(cursor) != StreamId()) batch.known.push_back({show, cursor});
        batch.epochs[show] = std::move(epoch);
        co_await tell(std::move(batch));
        co_return Result<>();
    }

    net::Task<Result<>> read_more(Reading& reading) {
        const auto room = entries_a_batch() - static_cast<std::int64_t>(reading.entries.size());
        if (room <= 0) co_return Result<>();
        auto from = cursors_;
        move_on(from, reading.entries);
        const Result<> more = co_await reader_->read(std::move(from), room, milliseconds(0), reading);
        co_return more;
    }

    /// `work` in a transaction in which the leases of the entries' shows are ours.
    template <class Work>
    net::Task<Result<CommittedBatch>> write_leased(std::shared_ptr<const Entries> entries, Work work) {
        std::set<ShowId> shows;
        for (const auto& entry : *entries) shows.insert(entry.show);
        auto leased = [leases = leases_.of({shows.begin(), shows.end()}), work](Database& database) -> Result<CommittedBatch> {
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
    net::Task<> tell(CommittedBatch batch) {
        for (const auto& refused : batch.projection.refused) {
            log::error("the ledger refused an order that the till let through",
                       {{"show", refused.show.str()}, {"order", refused.order.str()}});
            // Stopped: the next projector takes it up.
            if (!running_) co_return;
            if (on_refused) co_await on_refused(refused);
        }
        for (const auto& summary : batch.projection.summaries) {
            cursors_[summary.show] = StreamId::parse(summary.last_id);
            co_await messages_->publish(summary.show, summary.last_id, batch.epochs[summary.show], batch.projection.refused);
            if (on_commit && running_) on_commit(summary);
        }
        // Only the key: a message without the refusals would be taken for "nothing refused"; who finds the key asks the
        // ledger.
        for (const auto& known : batch.known) {
            auto& cursor = cursors_[known.show];
            cursor = std::max(cursor, StreamId::parse(known.last_id));
            co_await messages_->set_key(known.show, known.last_id, batch.epochs[known.show]);
        }
        for (auto& notice : batch.notices) co_await messages_->tell(std::move(notice));
        co_await trim();
    }

    /// By the committed cursor, never by length: what the ledger does not have stays.
    net::Task<> trim() {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_trim_) co_return;
        next_trim_ = now + trim_period;
        const auto cursors = cursors_;
        for (const auto& [show, cursor] : cursors) {
            if (cursor.ms <= trim_margin_ms) continue;
            redis::Client::Command command{"XTRIM", orders_key(show), "MINID", "~",
                                           std::to_string(cursor.ms - trim_margin_ms)};
            (void)co_await messages_->redis().command(std::move(command));
        }
    }

    net::asio::any_io_executor executor_;
    std::shared_ptr<StreamReader> reader_;
    std::shared_ptr<CommitMessages> messages_;
    Ledger& ledger_;
    LeaseBook leases_;
    Options options_;
    bool running_ = false;
    bool must_refresh_ = true;
    std::int64_t orders_an_entry_ = 1;  ///< Of the entries read last.
    std::chrono::steady_clock::time_point next_refresh_;
    std::chrono::steady_clock::time_point next_trim_;
    Positions cursors_;              ///< What the ledger has of each watched show.
    Reading ahead_;                  ///< The next turn's.
    bool is_reading_ahead_ = false;  ///< This turn has begun to read what the next one writes.
    std::uint64_t turns_ = 0;        ///< That have ended.
    metrics::Histogram rows_ =
        metrics::histogram("livefair_projector_batch_rows", "Events of orders in one SQL commit",
                           {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000});
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
