#include "commerce/till_keeper.hpp"

#include <livefair/v1/catalog.pb.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "commerce/fit_server.hpp"
#include "commerce/offer_teller.hpp"
#include "commerce/sales.hpp"
#include "commerce/till_rows.hpp"
#include "ledger/catalog.hpp"
#include "net/periodic.hpp"

namespace livefair::commerce {

using ledger::Database;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds look_period{200};
constexpr int looks_a_sweep = 5;
constexpr milliseconds drain_deadline{30'000};
/// Longer than a batch takes.
constexpr milliseconds drain_look_period{2000};
/// A primary of before a failover is demoted sooner. Sentinels that were set up anew count from 0 again, and are believed after that long.
constexpr std::chrono::seconds outdated_for{60};
/// How long a server that is not fit is not asked again, by any show: the log says why each time.
constexpr milliseconds unfit_for{2000};
constexpr std::int64_t orders_a_page = 250;
/// Arguments of one load: Redis runs nothing else meanwhile, and Lua's unpack has a limit.
constexpr std::size_t values_a_load = 500;

/// What the ledger says of a show, but for its orders.
struct ShowRows {
    bool practice = false;
    std::string cursor;
    std::vector<std::string> opening;
    struct OfferRows {
        OfferId id;
        std::vector<std::string> fields;
        std::vector<std::string> limits;
    };
    std::vector<OfferRows> offers;
};

Result<ShowRows> read_show(Database& database, const ShowId& show) {
    ShowRows rows;
    const auto till = database.query(
        "SELECT s.practice, t.stream_id FROM tills t JOIN shows s ON s.id = t.show_id WHERE t.show_id = ?",
        {show.str()});
    if (!till) return till.error();
    if (till->empty()) return make_error_code(Errc::not_found);
    rows.practice = till->front().integer(0) != 0;
    rows.cursor = till->front().text(1);
    auto opening = opening_fields(database, show);
    if (!opening) return opening.error();
    rows.opening = std::move(*opening);
    const auto offers = database.query("SELECT id FROM offers WHERE show_id = ? ORDER BY number", {show.str()});
    if (!offers) return offers.error();
    for (const auto& row : *offers) {
        const OfferId id(row.text(0));
        const auto offer = ledger::find_offer(database, id);
        if (!offer) return offer.error();
        auto limits = limit_fields(database, id);
        if (!limits) return limits.error();
        rows.offers.push_back({id, offer_fields(*offer), std::move(*limits)});
    }
    return rows;
}

/// A server, and the failover that made it the primary.
struct Primary {
    std::string run_id;
    std::int64_t failover = 0;
};

/// Raises the show's epoch to at least `at_least` and returns it. From now on the projector takes orders of this server alone; "~": the till is not
/// open for it yet. Errors: conflict - the ledger knows a newer failover than the server's, and `may_be_older` is false.
Result<std::int64_t> raise_epoch(Database& database, const ShowId& show, const Primary& server, std::int64_t at_least, bool may_be_older) {
    const auto rows = database.query("SELECT epoch, failover FROM tills WHERE show_id = ?", {show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    if (rows->front().integer(1) > server.failover && !may_be_older) return make_error_code(Errc::conflict);
    const auto epoch = std::max(rows->front().integer(0) + 1, at_least);
    const auto raised =
        database.execute("UPDATE tills SET run_id = ?, epoch = ?, failover = ? WHERE show_id = ?", {"~" + server.run_id, epoch, server.failover, show.str()});
    if (!raised) return raised.error();
    return epoch;
}

}  // namespace

class TillKeeper::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger, ledger::Projector& projector, bool answers_are_relaxed)
        : till_(till), ledger_(ledger), projector_(projector), answers_are_relaxed_(answers_are_relaxed), rounds_(std::move(executor), system_clock(), look_period, "till keeper") {}

    void start() {
        projector_.on_refused([this](ledger::RefusedOrder refused) { return take_back(shared_from_this(), std::move(refused)); });
        rounds_.start([self = shared_from_this()] { return self->look(); });
    }
    void stop() { rounds_.stop(); }

    net::Task<Result<>> rebuild(ShowId show) {
        const auto begun = std::chrono::steady_clock::now();
        const auto run_id = till_.redis().run_id(till_key(show, "till"));
        if (run_id.empty()) co_return make_error_code(Errc::redis_unavailable);
        Primary server{run_id, till_.redis().failover()};
        const Result<> is_fit = co_await check_server(till_.redis(), answers_are_relaxed_);
        if (!is_fit) co_return is_fit.error();
        const Result<std::string> epoch = co_await pause(show, std::move(server));
        if (!epoch) co_return epoch.error();
        // Nobody writes to the stream now: what is in it is all there will be.
        projector_.watch(show);
        const Result<> drained = co_await drain(show, run_id);
        if (!drained) co_return drained.error();
        const Result<> loaded = co_await load(show, *epoch);
        if (!loaded) co_return loaded.error();
        auto note = [show, run_id, epoch = *epoch](Database& database) {
            return database.execute("UPDATE tills SET run_id = ? WHERE show_id = ? AND epoch = ?", {run_id, show.str(), std::stoll(epoch)});
        };
        const auto noted = co_await ledger_.write(std::move(note));
        if (!noted) co_return noted.error();
        // Another rebuild has begun.
        if (*noted == 0) co_return make_error_code(Errc::conflict);
        const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun).count();
        log::info("till rebuilt from the ledger", {{"show", show.str()}, {"epoch", *epoch}, {"ms", took}});
        rebuilds_.add();
        co_return Result<>();
    }

private:
    net::Task<> look() {
        const bool sweeps = looks_++ % looks_a_sweep == 0;
        co_await look_after_all(sweeps);
        if (sweeps) co_await sales_.allocations().sweep();
    }

    net::Task<> look_after_all(bool sweeps) {
        // Live shows first: to rebuild the tills of all evenings before takes a while.
        auto list = [](Database& database) { 
            return database.query("SELECT t.show_id, t.run_id, t.epoch FROM tills t JOIN shows s ON s.id = t.show_id ORDER BY CASE s.state WHEN 2 THEN 0 ELSE 1 END");
        };
        const auto tills = co_await ledger_.read(std::move(list));
        if (!tills) co_return;
        for (const auto& row : *tills) {
            const ShowId show(row.text(0));
            // Who projects a show rebuilds its till: one program does.
            if (!projector_.holds(show)) {
                projector_.watch(show);
                continue;
            }
            const auto run_id = till_.redis().run_id(till_key(show, "till"));
            if (run_id.empty()) continue;
            if (row.text(1) == run_id) {
                outdated_since_.erase(show);
                const bool as_opened = co_await is_as_opened(show, std::to_string(row.integer(2)));
                if (as_opened) {
                    not_rebuilt_.erase(show);
                    co_await give_back(show, row.integer(2));
                    if (sweeps) co_await offers_.sweep(show, run_id);
                    continue;
                }
            }
            if (!rounds_.is_on()) co_return;
            if (std::chrono::steady_clock::now() < unfit_until_) continue;
            const Result<> rebuilt = co_await rebuild(show);
            if (rebuilt) continue;
            if (rebuilt.error() == Errc::unsupported) unfit_until_ = std::chrono::steady_clock::now() + unfit_for;
            tell_once(show, rebuilt.error());
        }
    }

    /// A rebuild is tried at each look, so that a reason would be told five times a second.
    void tell_once(const ShowId& show, boost::system::error_code reason) {
        if (std::exchange(not_rebuilt_[show], reason) == reason) return;
        log::warn("till not rebuilt yet", {{"show", show.str()}, {"reason", to_string(to_errc(reason))}});
    }

    /// False when somebody emptied Redis without restarting it. When Redis does not answer there is nothing to do yet.
    net::Task<bool> is_as_opened(ShowId show, std::string epoch) {
        redis::Client::Command look{"HMGET", till_key(show, "till"), "state", "epoch"};
        const auto till = co_await till_.redis().command(std::move(look));
        if (!till || till->items.size() != 2) co_return true;
        co_return till->items[0].text == "open" && till->items[1].text == epoch;
    }

    /// Static, with the Impl as a parameter, so that the coroutine keeps it alive.
    static net::Task<> take_back(std::shared_ptr<Impl> self, ledger::RefusedOrder refused) {
        const auto show = refused.show;
        self->refused_.push_back(std::move(refused));
        auto find = [show](Database& database) { return database.query("SELECT epoch FROM tills WHERE show_id = ?", {show.str()}); };
        const auto till = co_await self->ledger_.read(std::move(find));
        if (till && !till->empty()) co_await self->give_back(show, till->front().integer(0));
    }

    /// Gives the goods of refused orders back to the till of the ledger's epoch. A server of before a failover may answer instead, and a paused till
    /// or none at all: they are asked for again at the next look.
    net::Task<> give_back(ShowId show, std::int64_t epoch) {
        const auto refused_orders = refused_;
        for (const auto& refused : refused_orders) {
            if (refused.show != show) continue;
            const Result<Release> release = co_await till_.refuse(show, refused.order, refused.short_stocks);
            if (!release) co_return;
            if (release->epoch == epoch) std::erase_if(refused_, [&](const auto& each) { return each.order == refused.order; });
        }
    }

    net::Task<Result<redis::Reply>> call(std::string function, std::vector<std::string> keys,
                                         std::vector<std::string> args) {
        redis::Client::Command command{"FCALL", std::move(function), std::to_string(keys.size())};
        command.insert(command.end(), keys.begin(), keys.end());
        command.insert(command.end(), args.begin(), args.end());
        auto reply = co_await till_.redis().command(std::move(command));
        if (reply && reply->items.empty()) co_return make_error_code(Errc::redis_error);
        co_return reply;
    }

    /// Waits until the ledger has all of the stream; not for a server that is ours no more, whose stream nobody reads.
    net::Task<Result<>> drain(ShowId show, std::string run_id) {
        const auto end = std::chrono::steady_clock::now() + drain_deadline;
        Result<> drained;
        do {
            drained = co_await projector_.catch_up(show, drain_look_period);
        } while (!drained && drained.error() == Errc::timed_out && std::chrono::steady_clock::now() < end && till_.redis().run_id(till_key(show, "till")) == run_id);
        co_return drained;
    }

    /// Stops all decisions of the show under a new epoch, which it returns.
    net::Task<Result<std::string>> pause(ShowId show, Primary server) {
        std::int64_t at_least = 1;
        for (int attempt = 0; attempt < 2; ++attempt) {
            const auto now = std::chrono::steady_clock::now();
            const auto since = outdated_since_.find(show);
            const bool may_be_older = since != outdated_since_.end() && now >= since->second + outdated_for;
            auto raise = [show, server, at_least, may_be_older](Database& database) {
                return raise_epoch(database, show, server, at_least, may_be_older);
            };
            const auto epoch = co_await ledger_.write(std::move(raise));
            if (!epoch && epoch.error() == Errc::conflict) outdated_since_.try_emplace(show, now);
            if (!epoch) co_return epoch.error();
            outdated_since_.erase(show);
            const auto epoch_text = std::to_string(*epoch);
            std::vector<std::string> keys{till_key(show, "till")};
            std::vector<std::string> args{server.run_id, epoch_text};
            const auto paused = co_await call("till_pause_v1", std::move(keys), std::move(args));
            if (!paused) co_return paused.error();
            if (paused->items[0].text == "OK") co_return epoch_text;
            // The ledger is older than Redis (it was restored from a backup).
            at_least = std::stoll(paused->items[1].text) + 1;
        }
        co_return make_error_code(Errc::conflict);
    }

    /// One command on one key, its values (pairs) in chunks.
    net::Task<Result<>> load_key(ShowId show, std::string epoch, std::string name, std::string command,
                                 std::vector<std::string> values) {
        for (std::size_t from = 0; from == 0 || from < values.size(); from += values_a_load) {
            std::vector<std::string> keys{till_key(show, "till"), till_key(show, name)};
            std::vector<std::string> args{epoch, command};
            for (std::size_t i = from; i < std::min(values.size(), from + values_a_load); ++i)
                args.push_back(values[i]);
            const auto loaded = co_await call("till_load_v1", std::move(keys), std::move(args));
            if (!loaded) co_return loaded.error();
            if (loaded->items[0].text != "OK") co_return make_error_code(Errc::conflict);
        }
        co_return Result<>();
    }

    net::Task<Result<>> load(ShowId show, std::string epoch) {
        auto read = [show](Database& database) { return read_show(database, show); };
        const auto rows = co_await ledger_.read(std::move(read));
        if (!rows) co_return rows.error();
        Result<> done = co_await load_key(show, epoch, "holds", "DEL", {});
        if (done && !rows->opening.empty()) done = co_await load_key(show, epoch, "till", "HSET", rows->opening);
        for (const auto& offer : rows->offers) {
            if (done) done = co_await load_key(show, epoch, "offer:" + offer.id.str(), "HSET", offer.fields);
            if (done) done = co_await load_key(show, epoch, "limit:" + offer.id.str(), "DEL", {});
            if (done && !offer.limits.empty())
                done = co_await load_key(show, epoch, "limit:" + offer.id.str(), "HSET", offer.limits);
        }
        if (done) done = co_await load_orders(show, epoch);
        if (!done) co_return done.error();
        std::vector<std::string> keys{till_key(show, "till"), till_key(show, "orders")};
        std::vector<std::string> args{epoch, rows->practice ? "1" : "0", rows->cursor};
        const auto opened = co_await call("till_open_v1", std::move(keys), std::move(args));
        if (!opened) co_return opened.error();
        if (opened->items[0].text != "OK") co_return make_error_code(Errc::conflict);
        co_return Result<>();
    }

    net::Task<Result<>> load_orders(ShowId show, std::string epoch) {
        OrderId after;
        for (;;) {
            auto read = [show, after](Database& database) {
                return order_keys_after(database, show, after, orders_a_page);
            };
            const auto orders = co_await ledger_.read(std::move(read));
            if (!orders) co_return orders.error();
            if (orders->empty()) co_return Result<>();
            std::vector<std::string> keys{till_key(show, "till")};
            std::vector<std::string> args{epoch};
            std::vector<std::string> holds;
            for (const auto& order : *orders) {
                keys.push_back(till_key(show, "order:" + order.id.str()));
                args.push_back(order.text);
                if (!order.is_held) continue;
                holds.push_back(std::to_string(order.hold_until_ms));
                holds.push_back(order.id.str());
            }
            const auto loaded = co_await call("till_load_orders_v1", std::move(keys), std::move(args));
            if (!loaded) co_return loaded.error();
            if (loaded->items[0].text != "OK") co_return make_error_code(Errc::conflict);
            if (!holds.empty()) {
                const Result<> held = co_await load_key(show, epoch, "holds", "ZADD", std::move(holds));
                if (!held) co_return held.error();
            }
            if (static_cast<std::int64_t>(orders->size()) < orders_a_page) co_return Result<>();
            after = orders->back().id;
        }
    }

    Till& till_;
    ledger::Ledger& ledger_;
    ledger::Projector& projector_;
    const bool answers_are_relaxed_;
    Sales sales_{till_, ledger_};
    OfferTeller offers_{till_, ledger_, sales_};
    net::Periodic rounds_;
    std::int64_t looks_ = 0;
    std::vector<ledger::RefusedOrder> refused_;  ///< Whose goods the till has not taken back yet.
    std::map<ShowId, std::chrono::steady_clock::time_point> outdated_since_;  ///< Shows of which the ledger knows a newer failover than our server's.
    std::chrono::steady_clock::time_point unfit_until_;
    std::map<ShowId, boost::system::error_code> not_rebuilt_;  ///< Why not, at the newest look.
    metrics::Counter rebuilds_ = metrics::counter("livefair_till_rebuilds_total", "Tills rebuilt from the ledger");
};

TillKeeper::TillKeeper(net::asio::any_io_executor executor, Till& till, ledger::Ledger& ledger,
                       ledger::Projector& projector, bool answers_are_relaxed)
    : impl_(std::make_shared<Impl>(std::move(executor), till, ledger, projector, answers_are_relaxed)) {}
TillKeeper::~TillKeeper() {
    impl_->stop();
}
void TillKeeper::start() {
    impl_->start();
}
void TillKeeper::stop() {
    impl_->stop();
}
net::Task<Result<>> TillKeeper::rebuild(ShowId show) {
    return impl_->rebuild(std::move(show));
}

}  // namespace livefair::commerce
