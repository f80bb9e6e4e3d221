#include "commerce/till.hpp"

#include <array>
#include <charconv>

#include "ledger/order_text.hpp"
#include "till.lua.hpp"

namespace livefair::commerce {

namespace {

std::int64_t to_number(const std::string& text) {
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

Refusal to_refusal(const std::string& name) {
    static const std::array<std::pair<std::string_view, Refusal>, 9> names = {{{"SOLD_OUT", Refusal::sold_out},
                                                                               {"NOT_OPEN", Refusal::not_open},
                                                                               {"CLOSED", Refusal::closed},
                                                                               {"LIMIT", Refusal::limit},
                                                                               {"NO_OFFER", Refusal::no_offer},
                                                                               {"BAD_QUANTITY", Refusal::bad_quantity},
                                                                               {"CONFLICT", Refusal::conflict},
                                                                               {"PRACTICE", Refusal::practice},
                                                                               {"REFUSED", Refusal::refused}}};
    for (const auto& [text, refusal] : names) {
        if (text == name) return refusal;
    }
    return Refusal::none;
}

Result<Decision> to_decision(const redis::Reply& reply) {
    Decision decision;
    const auto& word = part(reply, 0);
    if (word == "PAUSED") return decision;
    if (word == "NO_TILL") {
        decision.kind = Decision::Kind::no_till;
        return decision;
    }
    if (word == "ACCEPTED") {
        decision.kind = Decision::Kind::accepted;
        decision.stream_id = part(reply, 1);
        decision.amount_fen = to_number(part(reply, 2));
        decision.hold_until_ms = to_number(part(reply, 3));
        decision.left = to_number(part(reply, 4));
        decision.repeated = part(reply, 5) == "1";
        return decision;
    }
    decision.kind = Decision::Kind::rejected;
    decision.refusal = to_refusal(part(reply, 1));
    decision.stream_id = part(reply, 2);
    if (word != "REJECTED" || decision.refusal == Refusal::none) return make_error_code(Errc::internal);
    if (decision.refusal == Refusal::sold_out) decision.left = 0;
    return decision;
}

Result<Release> to_release(const redis::Reply& reply) {
    const auto& word = part(reply, 0);
    if (is_paused(reply)) return Release{};
    if (word == "RELEASED") return Release{Release::Kind::released, part(reply, 1)};
    if (word == "CLOSED") return Release{Release::Kind::already_closed, part(reply, 1)};
    if (word == "PAID") return Release{Release::Kind::already_paid, part(reply, 1)};
    if (word == "NOT_DUE") return Release{Release::Kind::not_due, {}};
    if (word == "NOT_FOUND") return Release{Release::Kind::not_found, {}};
    return make_error_code(Errc::internal);
}

std::vector<std::string> order_keys(const ShowId& show, const OfferId& offer, const OrderId& order) {
    return {till_key(show, "till"),
            till_key(show, "offer:" + offer.str()),
            till_key(show, "limit:" + offer.str()),
            till_key(show, "order:" + order.str()),
            till_key(show, "holds"),
            till_key(show, "orders")};
}

}  // namespace

std::string_view till_library() {
    return embedded::till_lua;
}

std::string till_key(const ShowId& show, std::string_view name) {
    return "{s" + show.str() + "}:" + std::string(name);
}

net::Task<Result<redis::Reply>> Till::call(ShowId show, std::string function, std::vector<std::string> keys,
                                           std::vector<std::string> args) {
    for (int attempt = 0;; ++attempt) {
        if (attempt > 0 || !epochs_.contains(show)) {
            redis::Client::Command read{"HGET", till_key(show, "till"), "epoch"};
            const auto known = co_await redis_.command(std::move(read));
            if (!known) co_return known.error();
            // Ids come from outside: only shows that have a till are remembered.
            if (known->is_nil()) co_return no_till();
            epochs_[show] = known->text;
        }
        redis::Client::Command command{"FCALL", function, std::to_string(keys.size())};
        command.insert(command.end(), keys.begin(), keys.end());
        command.push_back(redis_.run_id(till_key(show, "till")));
        command.push_back(epochs_[show]);
        command.insert(command.end(), args.begin(), args.end());
        auto reply = co_await redis_.command(std::move(command));
        // "Paused" means that nothing has happened, so that one more try with the epoch of now is safe.
        if (!reply || !is_paused(*reply) || attempt > 0) co_return reply;
    }
}

net::Task<Result<Decision>> Till::place(Purchase purchase) {
    std::vector<std::string> args{purchase.order.str(), purchase.buyer.str(), purchase.offer.str(),
                                  std::to_string(purchase.quantity), purchase.address.str()};
    const auto reply = co_await call(purchase.show, "till_place_v1",
                                     order_keys(purchase.show, purchase.offer, purchase.order), std::move(args));
    if (!reply) co_return reply.error();
    co_return to_decision(*reply);
}

net::Task<Result<OfferId>> Till::offer_of(ShowId show, OrderId order) {
    redis::Client::Command command{"GET", till_key(show, "order:" + order.str())};
    const auto text = co_await redis_.command(std::move(command));
    if (!text) co_return text.error();
    if (text->is_nil()) co_return make_error_code(Errc::not_found);
    const auto known = ledger::OrderText::parse(text->text);
    if (!known) co_return make_error_code(Errc::internal);
    co_return OfferId(known->offer);
}

net::Task<Result<Release>> Till::release(ShowId show, OrderId order, std::string kind, std::string buyer,
                                         std::string short_stocks) {
    const Result<OfferId> offer = co_await offer_of(show, order);
    if (!offer && offer.error() == Errc::not_found) co_return Release{Release::Kind::not_found, {}};
    if (!offer) co_return offer.error();
    std::vector<std::string> args{order.str(), offer->str(), std::move(kind), std::move(buyer),
                                  std::move(short_stocks)};
    const auto reply = co_await call(show, "till_release_v1", order_keys(show, *offer, order), std::move(args));
    if (!reply) co_return reply.error();
    co_return to_release(*reply);
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
    const auto reply = co_await call(show, "till_pay_v1", order_keys(show, *offer, order), std::move(args));
    if (!reply) co_return reply.error();
    const auto& word = part(*reply, 0);
    if (is_paused(*reply)) co_return Settlement{};
    if (word == "NOT_FOUND") co_return Settlement{Settlement::Kind::not_found, {}, false};
    if (word == "PAID") co_return Settlement{Settlement::Kind::paid, part(*reply, 1), part(*reply, 2) == "1"};
    if (word == "REFUND") co_return Settlement{Settlement::Kind::refund_due, part(*reply, 1), part(*reply, 2) == "1"};
    co_return make_error_code(word == "AMOUNT" ? Errc::invalid_input : Errc::internal);
}

net::Task<Result<>> Till::load_offer(ShowId show, OfferId offer, std::vector<std::string> fields,
                                     std::vector<std::string> left) {
    std::vector<std::string> keys{till_key(show, "till"), till_key(show, "offer:" + offer.str())};
    std::vector<std::string> args{std::to_string(fields.size() / 2)};
    args.insert(args.end(), fields.begin(), fields.end());
    args.insert(args.end(), left.begin(), left.end());
    const auto reply = co_await call(show, "till_offer_v1", std::move(keys), std::move(args));
    if (!reply) co_return reply.error();
    if (part(*reply, 0) != "OK") co_return make_error_code(Errc::conflict);
    co_return Result<>();
}

net::Task<Result<std::vector<OrderId>>> Till::due(ShowId show, std::int64_t count) {
    redis::Client::Command command{"FCALL_RO", "till_due_v1", "1", till_key(show, "holds"), std::to_string(count)};
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
