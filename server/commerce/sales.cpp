#include "commerce/sales.hpp"

#include <livefair/v1/catalog.pb.h>

#include <algorithm>
#include <map>

#include "base/clock.hpp"
#include "commerce/till_rows.hpp"
#include "ledger/catalog.hpp"
#include "ledger/suppliers.hpp"

namespace livefair::commerce {

using ledger::Database;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds build_deadline{10'000};
constexpr milliseconds look_period{20};
constexpr std::int64_t show_live = 2;

struct LoadedOffer {
    v1::Offer offer;
    std::vector<std::string> left;
    bool has_till = false;
};

Result<LoadedOffer> read_offer(Database& database, const ShowId& show, const OfferId& id) {
    auto offer = ledger::find_offer(database, id);
    if (!offer) return offer.error();
    if (offer->show_id() != show.str()) return make_error_code(Errc::not_found);
    auto left = left_fields(database, show, id);
    if (!left) return left.error();
    const auto channel = ledger::channel_of_show(database, show);
    if (!channel) return channel.error();
    return LoadedOffer{std::move(*offer), std::move(*left), ledger::has_till(*channel)};
}

/// Gives the show its row in `tills`, if it has one. Returns whether it has.
Result<std::int64_t> make_till(Database& database, const ShowId& show) {
    const auto channel = ledger::channel_of_show(database, show);
    if (!channel) return channel.error();
    if (!ledger::has_till(*channel)) return 0;
    const auto made = database.execute(
        "INSERT INTO tills (show_id, epoch, run_id, stream_id, started_ms) VALUES (?, 0, '', '0-0', ?) ON CONFLICT DO NOTHING",
        {show.str(), system_clock().unix_ms()});
    if (!made) return made.error();
    return 1;
}

Result<std::int64_t> state_of_show(Database& database, const ShowId& show) {
    const auto rows = database.query("SELECT state FROM shows WHERE id = ?", {show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    return rows->front().integer(0);
}

Result<std::vector<OfferId>> close_all(Database& database, const ShowId& show) {
    const auto rows = database.query("SELECT id FROM offers WHERE show_id = ? ORDER BY number", {show.str()});
    if (!rows) return rows.error();
    const auto closed = database.execute("UPDATE offers SET state = ?, version = version + 1 WHERE show_id = ?",
                                         {std::int64_t{v1::OFFER_STATE_CLOSED}, show.str()});
    if (!closed) return closed.error();
    std::vector<OfferId> offers;
    for (const auto& row : *rows) offers.emplace_back(row.text(0));
    return offers;
}

}  // namespace

net::Task<Result<>> Sales::start_show(ShowId show) {
    auto start = [show](Database& database) { return make_till(database, show); };
    const auto started = co_await ledger_.write(std::move(start));
    if (!started) co_return started.error();
    if (*started == 0) co_return Result<>();
    const auto end = std::chrono::steady_clock::now() + build_deadline;
    for (;;) {
        redis::Client::Command look{"HMGET", till_key(show, "till"), "state", "run_id"};
        const auto till = co_await till_.redis().command(std::move(look));
        if (till && till->items.size() == 2 && till->items[0].text == "open" &&
            till->items[1].text == till_.redis().run_id(till_key(show, "till")))
            co_return Result<>();
        if (std::chrono::steady_clock::now() >= end) co_return make_error_code(Errc::timed_out);
        co_await net::sleep_for(look_period);
    }
}

net::Task<Result<>> Sales::end_show(ShowId show) {
    auto close = [show](Database& database) { return close_all(database, show); };
    const auto offers = co_await ledger_.write(std::move(close));
    if (!offers) co_return offers.error();
    for (const auto& offer : *offers) {
        const Result<> loaded = co_await load_offer(show, offer);
        if (!loaded) co_return loaded.error();
    }
    co_await desk_.give_back(show);
    co_return Result<>();
}

net::Task<Result<std::string>> Sales::newest_entry(ShowId show) {
    redis::Client::Command look{"XREVRANGE", till_key(show, "orders"), "+", "-", "COUNT", "1"};
    const auto newest = co_await till_.redis().command(std::move(look));
    if (!newest) co_return newest.error();
    if (newest->items.empty()) co_return std::string();
    if (newest->items.front().items.empty()) co_return make_error_code(Errc::redis_error);
    co_return newest->items.front().items.front().text;
}

net::Task<Result<v1::Offer>> Sales::open_offer(ShowId show, OfferId offer, std::int64_t duration_ms,
                                               std::int64_t close_ms) {
    redis::Client::Command ask_time{"TIME"};
    const auto time = co_await till_.redis().command(std::move(ask_time));
    if (!time) co_return time.error();
    if (time->items.size() != 2) co_return make_error_code(Errc::redis_error);
    const auto now_ms = std::stoll(time->items[0].text) * 1000 + std::stoll(time->items[1].text) / 1000;
    constexpr std::int64_t day_ms = 86'400'000;
    if (duration_ms < 0 || duration_ms > 7 * day_ms || close_ms < 0) co_return make_error_code(Errc::invalid_input);
    if (duration_ms > 0) close_ms = now_ms + duration_ms;
    if (close_ms > 0 && close_ms <= now_ms) co_return make_error_code(Errc::invalid_input);
    auto open = [show, offer, now_ms, close_ms](Database& database) -> Result<> {
        const auto known = read_offer(database, show, offer);
        if (!known) return known.error();
        const auto state = state_of_show(database, show);
        if (!state) return state.error();
        if (*state != show_live) return make_error_code(Errc::conflict);
        const auto unvetted = ledger::unvetted_supplier(database, offer);
        if (!unvetted) return unvetted.error();
        if (!unvetted->empty()) return make_error_code(Errc::conflict);
        return ledger::set_offer_state(database, offer, v1::OFFER_STATE_OPEN, now_ms, close_ms);
    };
    const Result<> opened = co_await ledger_.write(std::move(open));
    if (!opened) co_return opened.error();
    auto told = co_await tell_till(show, offer);
    co_return told;
}

net::Task<Result<v1::Offer>> Sales::close_offer(ShowId show, OfferId offer) {
    auto close = [show, offer](Database& database) -> Result<> {
        const auto known = read_offer(database, show, offer);
        if (!known) return known.error();
        return ledger::set_offer_state(database, offer, v1::OFFER_STATE_CLOSED, known->offer.open_ms(),
                                       known->offer.close_ms());
    };
    const Result<> closed = co_await ledger_.write(std::move(close));
    if (!closed) co_return closed.error();
    auto told = co_await tell_till(show, offer);
    co_return told;
}

net::Task<Result<v1::Offer>> Sales::change_offer(v1::Offer offer, AccountId by) {
    struct Changed {
        v1::Offer offer;
        bool is_on_sale = false;
    };
    auto change = [offer, by](Database& database) -> Result<Changed> {
        const auto changed = ledger::change_offer(database, offer, by.str(), system_clock().unix_ms());
        if (!changed) return changed.error();
        auto now = ledger::find_offer(database, OfferId(offer.id()));
        if (!now) return now.error();
        const auto tills = database.query("SELECT 1 FROM tills WHERE show_id = ?", {now->show_id()});
        if (!tills) return tills.error();
        return Changed{std::move(*now), !tills->empty()};
    };
    auto changed = co_await ledger_.write(std::move(change));
    if (!changed) co_return changed.error();
    if (!changed->is_on_sale) co_return std::move(changed->offer);
    auto told = co_await tell_till(ShowId(changed->offer.show_id()), OfferId(changed->offer.id()));
    co_return told;
}

net::Task<Result<>> Sales::load_offer(ShowId show, OfferId offer) {
    const auto told = co_await tell_till(std::move(show), std::move(offer));
    if (!told) co_return told.error();
    co_return Result<>();
}

net::Task<Result<v1::Offer>> Sales::tell_till(ShowId show, OfferId offer) {
    auto read = [show, offer](Database& database) { return read_offer(database, show, offer); };
    auto known = co_await ledger_.read(std::move(read));
    if (!known) co_return known.error();
    if (!known->has_till) co_return std::move(known->offer);
    const Result<> loaded = co_await till_.load_offer(show, offer, offer_fields(known->offer), known->left);
    // A till that is being rebuilt reads the offer from the ledger.
    if (!loaded && loaded.error() != Errc::conflict) co_return loaded.error();
    co_return std::move(known->offer);
}

net::Task<Result<std::vector<ledger::OfferLeft>>> Sales::left_of(ShowId show) {
    redis::Client::Command read_till{"HGETALL", till_key(show, "till")};
    const auto till = co_await till_.redis().command(std::move(read_till));
    if (!till) co_return till.error();
    if (till->items.empty()) co_return std::vector<ledger::OfferLeft>();
    std::map<std::string, std::int64_t> left;
    for (std::size_t i = 0; i + 1 < till->items.size(); i += 2) {
        const auto& name = till->items[i].text;
        if (name.starts_with("left:")) left[name.substr(5)] = std::stoll(till->items[i + 1].text);
    }
    auto read_lines = [show](Database& database) {
        return database.query(
            "SELECT l.offer_id, l.stock_id, l.quantity FROM offer_lines l JOIN offers o ON o.id = l.offer_id WHERE "
            "o.show_id = ? AND l.is_gift = 0 ORDER BY o.number, l.position",
            {show.str()});
    };
    const auto rows = co_await ledger_.read(std::move(read_lines));
    if (!rows) co_return rows.error();
    std::vector<ledger::OfferLeft> offers;
    for (const auto& row : *rows) {
        const auto count = left[row.text(1)] / row.integer(2);
        if (offers.empty() || offers.back().offer.str() != row.text(0))
            offers.push_back({OfferId(row.text(0)), count});
        else
            offers.back().left = std::min(offers.back().left, count);
    }
    co_return offers;
}

}  // namespace livefair::commerce
