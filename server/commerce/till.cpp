#include "commerce/till.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.hpp"
#include "ledger/order_text.hpp"
#include "till.lua.hpp"
#include "till_place.lua.hpp"
#include "till_terms.lua.hpp"

namespace livefair::commerce {

namespace {

std::int64_t to_number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// The n-th text of a function's answer; empty when there is none.
const std::string& part(const redis::Reply& reply, std::size_t n) {
    static const std::string none;
    return n < reply.items.size() ? reply.items[n].text : none;
}

bool is_paused(const redis::Reply& reply) {
    return part(reply, 0) == "PAUSED" || part(reply, 0) == "NO_TILL";
}

redis::Reply no_till() {
    redis::Reply reply{redis::Reply::Kind::array, {}, 0, {}};
    reply.items.push_back({redis::Reply::Kind::text, "NO_TILL", 0, {}});
    return reply;
}

Refusal to_refusal(std::string_view name) {
    static const auto names = std::to_array<std::pair<std::string_view, Refusal>>({{"SOLD_OUT", Refusal::sold_out},
                                                                                    {"NOT_OPEN", Refusal::not_open},
                                                                                    {"CLOSED", Refusal::closed},
                                                                                    {"LIMIT", Refusal::limit},
                                                                                    {"NO_OFFER", Refusal::no_offer},
                                                                                    {"BAD_QUANTITY", Refusal::bad_quantity},
                                                                                    {"CONFLICT", Refusal::conflict},
                                                                                    {"PRACTICE", Refusal::practice},
                                                                                    {"REFUSED", Refusal::refused},
                                                                                    {"FUND_EMPTY", Refusal::fund_empty},
                                                                                    {"WRONG_DAY", Refusal::wrong_day},
                                                                                    {"GIFT_GONE", Refusal::gift_gone}});
    for (const auto& [text, refusal] : names) {
        if (text == name) return refusal;
    }
    return Refusal::none;
}

/// "<stream id>@<epoch>": ids are comparable within one epoch alone (CommitWatch). `epoch` is the one that the till has checked, which may be older than one
/// known before: a server that was the primary until a failover decides on until it hears of it.
std::string position(std::string id, const std::string& epoch) {
    return id.empty() ? id : std::move(id) + "@" + epoch;
}

/// The n-th field of "a|b|c"; empty when there is none.
std::string_view field(std::string_view text, std::size_t n) {
    for (; n > 0; --n) {
        const auto end = text.find('|');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('|'));
}

/// One text of the answer of till_place_v3 (till_place.lua says what is in it); `call_id` is what "*" stands for.
Result<Decision> to_decision(std::string_view text, const std::string& call_id) {
    const auto stream_id = [&](std::size_t n) {
        const auto id = field(text, n);
        return id == "*" ? call_id : std::string(id);
    };
    Decision decision;
    const auto word = field(text, 0);
    if (word == "ACCEPTED" || word == "REPEATED") {
        decision.kind = Decision::Kind::accepted;
        decision.repeated = word == "REPEATED";
        decision.amount_fen = to_number(field(text, 1));
        decision.hold_until_ms = to_number(field(text, 2));
        decision.left = to_number(field(text, 3));
        decision.stream_id = stream_id(4);
        decision.without_gift = field(text, 5) == "without_gift";
        return decision;
    }
    decision.kind = Decision::Kind::rejected;
    decision.refusal = to_refusal(field(text, 1));
    decision.stream_id = stream_id(2);
    if (word != "REJECTED" || decision.refusal == Refusal::none) return make_error_code(Errc::internal);
    if (decision.refusal == Refusal::sold_out) decision.left = to_number(field(text, 3));
    decision.repeated = field(text, 4) == "again";
    return decision;
}

/// `count` decisions, or none of them when one can't be read.
Result<std::vector<Decision>> to_decisions(const redis::Reply& reply, std::size_t count) {
    const auto& word = part(reply, 0);
    if (is_paused(reply)) {
        Decision decision;
        if (word == "NO_TILL") decision.kind = Decision::Kind::no_till;
        return std::vector<Decision>(count, decision);
    }
    if (word != "DECIDED" || reply.items.size() != 2 + count) return make_error_code(Errc::internal);
    std::vector<Decision> decisions;
    decisions.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto decision = to_decision(part(reply, 2 + i), part(reply, 1));
        if (!decision) return decision.error();
        decisions.push_back(std::move(*decision));
    }
    return decisions;
}

Result<Release> to_release(const redis::Reply& reply, const std::string& epoch) {
    using Kind = Release::Kind;
    const auto& word = part(reply, 0);
    const auto of_till = [&](Kind kind) { return Release{kind, position(part(reply, 1), epoch), to_number(epoch)}; };
    if (is_paused(reply)) return Release{};
    if (word == "RELEASED") return of_till(Kind::released);
    if (word == "CLOSED") return of_till(Kind::already_closed);
    if (word == "PAID") return of_till(Kind::already_paid);
    if (word == "NOT_DUE") return of_till(Kind::not_due);
    if (word == "NOT_FOUND") return of_till(Kind::not_found);
    return make_error_code(Errc::internal);
}

/// Keys and arguments of till_place_v3 for purchases of one show.
struct PlaceWords {
    std::vector<std::string> keys, args;
};

PlaceWords place_words(const std::vector<Purchase>& purchases) {
    const auto& show = purchases.front().show;
    PlaceWords words{{till_key(show, "till"), till_key(show, "holds"), till_key(show, "orders")}, {}};
    std::vector<std::string_view> offers;
    std::vector<std::size_t> numbers;
    for (const auto& purchase : purchases) {
        const auto known = std::find(offers.begin(), offers.end(), purchase.offer.str());
        numbers.push_back(static_cast<std::size_t>(known - offers.begin()) + 1);
        if (known == offers.end()) offers.push_back(purchase.offer.str());
    }
    words.args.push_back(std::to_string(offers.size()));
    for (const auto offer : offers) {
        words.keys.push_back(till_key(show, "offer:" + std::string(offer)));
        words.keys.push_back(till_key(show, "limit:" + std::string(offer)));
        words.args.emplace_back(offer);
    }
    for (std::size_t i = 0; i < purchases.size(); ++i) {
        const auto& purchase = purchases[i];
        words.keys.push_back(till_key(show, "order:" + purchase.order.str()));
        for (auto text : {purchase.order.str(), purchase.buyer.str(), std::to_string(numbers[i]), std::to_string(purchase.quantity),
                          purchase.address.str()})
            words.args.push_back(std::move(text));
    }
    return words;
}

std::vector<std::string> order_keys(const ShowId& show, const OfferId& offer, const OrderId& order) {
    return {till_key(show, "till"),
            till_key(show, "offer:" + offer.str()),
            till_key(show, "limit:" + offer.str()),
            till_key(show, "order:" + order.str()),
            till_key(show, "holds"),
            till_key(show, "orders")};
}

/// The epoch of a show's till as far as is known here, read when it is not; empty when Redis knows no till of the show. `epochs` outlives the task.
net::Task<Result<std::string>> find_epoch(redis::Client& redis, std::unordered_map<ShowId, std::string>& epochs, ShowId show) {
    if (const auto known = epochs.find(show); known != epochs.end()) co_return known->second;
    redis::Client::Command read{"HGET", till_key(show, "till"), "epoch"};
    const auto text = co_await redis.command(std::move(read));
    if (!text) co_return text.error();
    // Ids come from outside: only shows that have a till are remembered.
    if (!text->is_nil()) epochs[show] = text->text;
    co_return text->text;
}

}  // namespace

std::string till_library() {
    return std::string(embedded::till_lua) + std::string(embedded::till_terms_lua) + std::string(embedded::till_place_lua);
}

std::string till_key(const ShowId& show, std::string_view name) {
    return "{s" + show.str() + "}:" + std::string(name);
}

net::Task<Result<Till::Answered>> Till::call(ShowId show, std::string function, std::vector<std::string> keys,
                                             std::vector<std::string> args) {
    for (int attempt = 0;; ++attempt) {
        if (attempt > 0) epochs_.erase(show);
        const auto epoch = co_await find_epoch(redis_, epochs_, show);
        if (!epoch) co_return epoch.error();
        if (epoch->empty()) co_return Answered{no_till(), {}};
        redis::Client::Command command{"FCALL", function, std::to_string(keys.size())};
        command.insert(command.end(), keys.begin(), keys.end());
        command.push_back(redis_.run_id(till_key(show, "till")));
        command.push_back(*epoch);
        command.insert(command.end(), args.begin(), args.end());
        auto reply = co_await redis_.command(std::move(command));
        if (!reply) co_return reply.error();
        // "Paused" means that nothing has happened, so that one more try with the epoch of now is safe.
        if (!is_paused(*reply) || attempt > 0) co_return Answered{std::move(*reply), *epoch};
    }
}

net::Task<Result<std::vector<Decision>>> Till::place(std::vector<Purchase> purchases) {
    LF_CHECK(!purchases.empty() && purchases.size() <= purchases_max);
    auto words = place_words(purchases);
    const auto answered =
        co_await call(purchases.front().show, "till_place_v3", std::move(words.keys), std::move(words.args));
    if (!answered) co_return answered.error();
    auto decisions = to_decisions(answered->reply, purchases.size());
    if (!decisions) co_return decisions;
    for (auto& decision : *decisions) {
        decision.epoch = to_number(answered->epoch);
        if (decision.kind == Decision::Kind::accepted) decision.stream_id = position(std::move(decision.stream_id), answered->epoch);
    }
    co_return decisions;
}

net::Task<Result<OfferId>> Till::offer_of(ShowId show, OrderId order) {
    redis::Client::Command command{"GET", till_key(show, "order:" + order.str())};
    const auto text = co_await redis_.command(std::move(command));
    if (!text) co_return text.error();
    if (text->is_nil() || text->text.starts_with("rejected|")) co_return make_error_code(Errc::not_found);
    const auto known = ledger::OrderText::parse(text->text);
    if (!known) co_return make_error_code(Errc::internal);
    co_return OfferId(known->offer);
}

net::Task<Result<Release>> Till::release(ShowId show, OrderId order, std::string kind, std::string buyer,
                                         std::string short_stocks) {
    const Result<OfferId> offer = co_await offer_of(show, order);
    if (!offer && offer.error() == Errc::not_found) co_return Release{Release::Kind::not_found, {}, 0};
    if (!offer) co_return offer.error();
    std::vector<std::string> args{order.str(), offer->str(), std::move(kind), std::move(buyer),
                                  std::move(short_stocks)};
    const auto answered = co_await call(show, "till_release_v1", order_keys(show, *offer, order), std::move(args));
    if (!answered) co_return answered.error();
    co_return to_release(answered->reply, answered->epoch);
}

net::Task<Result<Release>> Till::cancel(ShowId show, OrderId order, AccountId buyer) {
    return release(std::move(show), std::move(order), "cancelled", buyer.str(), "");
}

net::Task<Result<Release>> Till::expire(ShowId show, OrderId order) {
    return release(std::move(show), std::move(order), "expired", "", "");
}

net::Task<Result<Release>> Till::refuse(ShowId show, OrderId order, std::vector<std::string> short_stocks) {
    std::string joined;
    for (const auto& stock : short_stocks) joined += stock + ",";
    return release(std::move(show), std::move(order), "refused", "", std::move(joined));
}

net::Task<Result<Settlement>> Till::pay(ShowId show, OrderId order, std::string provider, std::string payment,
                                        std::string event, std::int64_t amount_fen) {
    const Result<OfferId> offer = co_await offer_of(show, order);
    if (!offer && offer.error() == Errc::not_found) co_return Settlement{Settlement::Kind::not_found, {}, false};
    if (!offer) co_return offer.error();
    std::vector<std::string> args{order.str(),        offer->str(),     std::move(provider),
                                  std::move(payment), std::move(event), std::to_string(amount_fen)};
    const auto answered = co_await call(show, "till_pay_v1", order_keys(show, *offer, order), std::move(args));
    if (!answered) co_return answered.error();
    const auto& reply = answered->reply;
    const auto& word = part(reply, 0);
    const auto settled_at = position(part(reply, 1), answered->epoch);
    if (is_paused(reply)) co_return Settlement{};
    if (word == "NOT_FOUND") co_return Settlement{Settlement::Kind::not_found, {}, false};
    if (word == "PAID") co_return Settlement{Settlement::Kind::paid, settled_at, part(reply, 2) == "1"};
    if (word == "REFUND") co_return Settlement{Settlement::Kind::refund_due, settled_at, part(reply, 2) == "1"};
    co_return make_error_code(word == "AMOUNT" ? Errc::invalid_input : Errc::internal);
}

net::Task<Result<Restocking>> Till::restock(ShowId show, OrderId order, std::string refund, std::int64_t quantity) {
    const Result<OfferId> offer = co_await offer_of(show, order);
    if (!offer && offer.error() == Errc::not_found) co_return Restocking{Restocking::Kind::not_found, {}, false};
    if (!offer) co_return offer.error();
    std::vector<std::string> args{order.str(), offer->str(), std::move(refund), std::to_string(quantity)};
    const auto answered = co_await call(show, "till_refund_v1", order_keys(show, *offer, order), std::move(args));
    if (!answered) co_return answered.error();
    const auto& reply = answered->reply;
    const auto& word = part(reply, 0);
    if (is_paused(reply)) co_return Restocking{};
    if (word == "NOT_FOUND") co_return Restocking{Restocking::Kind::not_found, {}, false};
    if (word == "RESTOCKED")
        co_return Restocking{Restocking::Kind::restocked, part(reply, 1), part(reply, 2) == "1"};
    co_return make_error_code(word == "NOT_PAID" ? Errc::conflict : Errc::internal);
}

net::Task<Result<>> Till::load_offer(ShowId show, OfferId offer, std::vector<std::string> fields,
                                     std::vector<std::string> left) {
    std::vector<std::string> keys{till_key(show, "till"), till_key(show, "offer:" + offer.str())};
    std::vector<std::string> args{std::to_string(fields.size() / 2)};
    args.insert(args.end(), fields.begin(), fields.end());
    args.insert(args.end(), left.begin(), left.end());
    const auto answered = co_await call(show, "till_offer_v1", std::move(keys), std::move(args));
    if (!answered) co_return answered.error();
    if (part(answered->reply, 0) != "OK") co_return make_error_code(Errc::conflict);
    co_return Result<>();
}

net::Task<Result<>> Till::load_stocks(ShowId show, std::vector<std::string> left) {
    std::vector<std::string> keys{till_key(show, "till")};
    const auto answered = co_await call(show, "till_stock_v1", std::move(keys), std::move(left));
    if (!answered) co_return answered.error();
    if (part(answered->reply, 0) != "OK") co_return make_error_code(Errc::conflict);
    co_return Result<>();
}

net::Task<Result<Adjustment>> Till::adjust(ShowId show, std::string field, std::int64_t number,
                                           std::optional<std::int64_t> by) {
    std::vector<std::string> keys{till_key(show, "till"), till_key(show, "orders")};
    std::vector<std::string> args{std::move(field), std::to_string(number), by ? std::to_string(*by) : "rest"};
    const auto answered = co_await call(show, "till_adjust_v1", std::move(keys), std::move(args));
    if (!answered) co_return answered.error();
    const auto& reply = answered->reply;
    const auto& word = part(reply, 0);
    const auto left = to_number(part(reply, 1)), epoch = to_number(answered->epoch);
    if (is_paused(reply)) co_return Adjustment{};
    if (word == "DONE") co_return Adjustment{Adjustment::Kind::done, left, epoch};
    if (word == "TOO_FEW") co_return Adjustment{Adjustment::Kind::too_few, left, epoch};
    if (word == "GAP") co_return Adjustment{Adjustment::Kind::gap, 0, epoch};
    if (word == "NO_FIELD") co_return Adjustment{Adjustment::Kind::no_field, 0, epoch};
    co_return make_error_code(Errc::internal);
}

net::Task<Result<std::vector<OrderId>>> Till::due(ShowId show, std::int64_t count, std::int64_t skipped) {
    redis::Client::Command command{"FCALL_RO", "till_due_v1", "1", till_key(show, "holds"), std::to_string(count), std::to_string(skipped)};
    const auto reply = co_await redis_.command(std::move(command));
    if (!reply) co_return reply.error();
    std::vector<OrderId> orders;
    for (const auto& item : reply->items) orders.emplace_back(item.text);
    co_return orders;
}

net::Task<Result<std::string>> Till::committed(ShowId show) {
    redis::Client::Command command{"GET", till_key(show, "committed")};
    const auto reply = co_await redis_.command(std::move(command));
    if (!reply) co_return reply.error();
    co_return reply->text;
}

}  // namespace livefair::commerce
