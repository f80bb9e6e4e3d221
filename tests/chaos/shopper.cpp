#include "chaos/shopper.hpp"

#include <boost/asio/this_coro.hpp>

#include "bench/task_group.hpp"
#include "net/http_client.hpp"

namespace livefair::chaos {
namespace {

using std::chrono::milliseconds;

v1::OrderAnswer unknown() {
    v1::OrderAnswer answer;
    answer.set_outcome(v1::OUTCOME_UNKNOWN);
    return answer;
}

bool is_final(const v1::OrderAnswer& answer) { return answer.outcome() == v1::OUTCOME_ACCEPTED || answer.outcome() == v1::OUTCOME_REJECTED; }

std::string name_of(v1::Outcome outcome) {
    switch (outcome) {
        case v1::OUTCOME_ACCEPTED:
            return "accepted";
        case v1::OUTCOME_REJECTED:
            return "rejected";
        default:
            return "unknown";
    }
}

}  // namespace

net::Task<Result<std::unique_ptr<Shopper>>> Shopper::sign_in(std::string name, std::string url, std::string socket_url, std::string phone, std::uint64_t seed) {
    auto nickname = "买家" + name;
    auto buyer = co_await bench::Buyer::sign_in(std::move(url), std::move(phone), std::move(nickname));
    if (!buyer) co_return buyer.error();
    (*buyer)->use_socket_at(std::move(socket_url));
    co_return std::unique_ptr<Shopper>(new Shopper(std::move(name), std::move(*buyer), seed));
}

net::Task<> Shopper::shop(const Shelf& shelf, const Habits& habits, History& history, const bool& closing, const bool& give_up) {
    habits_ = &habits;
    history_ = &history;
    give_up_ = &give_up;
    for (int i = 0; i < habits.orders_max && !closing; ++i) {
        const auto& offer = shelf.offers[random_() % shelf.offers.size()];
        auto order = buyer_->make_order(shelf.show, offer.id);
        order.set_quantity(1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(habits.quantity_max)));
        const auto answer = co_await insist("place", order);
        if (answer.outcome() == v1::OUTCOME_ACCEPTED) co_await afterwards(order);
        if (habits.think_ms > 0) co_await net::sleep_for(milliseconds(random_() % static_cast<std::uint64_t>(habits.think_ms)));
    }
}

/// Asks until there is a final answer; unknown when nobody waits for one any more.
net::Task<v1::OrderAnswer> Shopper::insist(std::string what, v1::PlaceOrder order) {
    note(what, order, "invoke");
    milliseconds pause{50};
    for (bool is_first = true;; is_first = false) {
        const bool by_http = happens(habits_->http);
        std::vector<v1::OrderAnswer> answers;
        if (is_first && happens(habits_->twice)) {
            bench::TaskGroup both(co_await net::asio::this_coro::executor);
            both.add(ask_into(answers, order, by_http));
            both.add(ask_into(answers, order, !by_http));
            co_await both.wait();
        } else {
            answers.push_back(co_await ask(order, by_http));
        }
        for (const auto& answer : answers) note(what, order, answer);
        for (auto& answer : answers)
            if (is_final(answer)) co_return std::move(answer);
        if (*give_up_) co_return unknown();
        co_await net::sleep_for(pause / 2 + milliseconds(random_() % static_cast<std::uint64_t>(pause.count())));
        pause = std::min(pause * 2, milliseconds(500));
    }
}

/// What people do with an order that they have.
net::Task<> Shopper::afterwards(v1::PlaceOrder order) {
    if (happens(habits_->again)) (void)co_await insist("again", order);
    if (happens(habits_->conflict)) {
        auto other = order;
        other.set_quantity(order.quantity() + 1);
        (void)co_await insist("conflict", other);
    }
    if (happens(habits_->pay)) co_await pay(order);
    else if (happens(habits_->cancel)) co_await cancel(order);
}

net::Task<> Shopper::pay(v1::PlaceOrder order) {
    note("pay", order, "invoke");
    const auto paid = co_await buyer_->api().pay(order.order_id());
    note("pay", order, paid ? "done" : "failed");
}

net::Task<> Shopper::cancel(v1::PlaceOrder order) {
    note("cancel", order, "invoke");
    const auto cancelled = co_await buyer_->api().post<v1::CancelOrderResponse>("/api/v1/orders/" + order.order_id() + "/cancel", v1::PlaceOrder());
    note("cancel", order, cancelled ? name_of(cancelled->outcome()) : "unknown");
}

net::Task<v1::OrderAnswer> Shopper::ask(v1::PlaceOrder order, bool by_http) {
    if (by_http) co_return co_await ask_http(std::move(order));
    co_return co_await ask_socket(std::move(order));
}

net::Task<> Shopper::ask_into(std::vector<v1::OrderAnswer>& answers, v1::PlaceOrder order, bool by_http) {
    answers.push_back(co_await ask(std::move(order), by_http));
}

net::Task<v1::OrderAnswer> Shopper::ask_http(v1::PlaceOrder order) {
    net::HttpHeaders headers{{"content-type", "application/json"},
                             {"authorization", "Bearer " + buyer_->api().token()},
                             {"idempotency-key", order.order_id()}};
    auto body = bench::to_json(order);
    const auto response = co_await net::http_request("POST", buyer_->api().url() + "/api/v1/orders", std::move(headers), std::move(body), habits_->answer_deadline);
    v1::OrderAnswer answer;
    // Any other body is an error of the site, which says nothing about the order.
    if (!response || !bench::from_json(net::body_of(*response), answer) || answer.order_id() != order.order_id()) co_return unknown();
    co_return answer;
}

net::Task<v1::OrderAnswer> Shopper::ask_socket(v1::PlaceOrder order) {
    const auto connected = co_await buyer_->connect();
    if (!connected) co_return unknown();
    const auto socket = buyer_->socket();
    v1::ClientMessage message;
    *message.mutable_place_order() = std::move(order);
    auto answer = co_await socket->request(std::move(message), habits_->answer_deadline);
    // A connection that gave no answer may be dead.
    if (!answer && answer.error() == Errc::timed_out) socket->close();
    if (!answer || !answer->has_order_answer()) co_return unknown();
    co_return std::move(*answer->mutable_order_answer());
}

void Shopper::note(const std::string& what, const v1::PlaceOrder& order, const v1::OrderAnswer& answer) {
    Event event{0, name_, what, name_of(answer.outcome()), order.order_id(), order.offer_id(), order.quantity(), {}, 0, 0};
    if (answer.outcome() == v1::OUTCOME_REJECTED) event.reason = v1::RejectReason_Name(answer.reason()).substr(sizeof "REJECT_REASON_" - 1);
    if (answer.outcome() == v1::OUTCOME_ACCEPTED) {
        event.amount_fen = answer.amount_fen();
        event.hold_until_ms = answer.hold_until_ms();
    }
    history_->add(std::move(event));
}

void Shopper::note(const std::string& what, const v1::PlaceOrder& order, const std::string& outcome) {
    history_->add({0, name_, what, outcome, order.order_id(), order.offer_id(), order.quantity(), {}, 0, 0});
}

}  // namespace livefair::chaos
