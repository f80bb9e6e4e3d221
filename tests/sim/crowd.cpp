#include "sim/crowd.hpp"

#include <livefair/v1/order.pb.h>

#include "sim/simulation.hpp"

namespace livefair::sim {

namespace {

constexpr std::size_t purchases_max = 80;

v1::PlaceOrder request_of(const std::string& id, const std::string& offer, const std::string& address, std::int64_t quantity) {
    v1::PlaceOrder request;
    request.set_order_id(id);
    request.set_show_id(the_show.str());
    request.set_offer_id(offer);
    request.set_quantity(quantity);
    request.set_address_id(address);
    return request;
}

const char* word_of(const v1::OrderAnswer& answer) {
    if (answer.outcome() == v1::OUTCOME_UNKNOWN) return "unknown";
    if (answer.outcome() == v1::OUTCOME_ACCEPTED) return answer.without_gift() ? "accepted without gift" : "accepted";
    switch (answer.reason()) {
        case v1::REJECT_REASON_SOLD_OUT:
            return "sold out";
        case v1::REJECT_REASON_NOT_OPEN:
            return "not open";
        case v1::REJECT_REASON_CLOSED:
            return "closed";
        case v1::REJECT_REASON_LIMIT:
            return "limit";
        case v1::REJECT_REASON_NO_OFFER:
            return "no offer";
        case v1::REJECT_REASON_BAD_QUANTITY:
            return "bad quantity";
        case v1::REJECT_REASON_CONFLICT:
            return "conflict";
        case v1::REJECT_REASON_NO_ADDRESS:
            return "no address";
        case v1::REJECT_REASON_REFUSED:
            return "refused";
        case v1::REJECT_REASON_FUND_EMPTY:
            return "fund empty";
        case v1::REJECT_REASON_WRONG_DAY:
            return "wrong day";
        case v1::REJECT_REASON_GIFT_GONE:
            return "gift gone";
        default:
            return "another reason";
    }
}

}  // namespace

void Crowd::start() {
    // A quiet evening or a rush.
    act_every_ms_ = simulation_.world().random.between(1, 30);
    plan_act();
}

void Crowd::plan_act() {
    auto& world = simulation_.world();
    world.after_us(world.random.between(100, act_every_ms_ * 2000), [this] {
        if (is_resting_) return false;
        act();
        plan_act();
        return true;
    });
}

void Crowd::act() {
    auto& random = simulation_.world().random;
    const auto dice = random.below(100);
    if (simulation_.after_sales().is_open() && random.one_in(5)) return simulation_.after_sales().act();
    if (dice < 43) return buy();
    if (dice < 56) {
        if (const auto* purchase = some_purchase(false)) ask(*purchase);
        return;
    }
    if (dice < 61) return misuse_id();
    if (dice < 69) return cancel();
    if (dice < 84) return pay();
    if (dice < 87) return bad_notify();
    simulation_.staff().act();
}

GatewayParts* Crowd::gateway() {
    return simulation_.any_gateway();
}

const Crowd::Purchase* Crowd::some_purchase(bool is_accepted) {
    if (ids_.empty()) return nullptr;
    const auto& id = simulation_.world().random.pick(ids_);
    const auto& purchase = purchases_.at(id);
    return is_accepted && purchase.accepted.empty() ? nullptr : &purchase;
}

void Crowd::buy() {
    auto& random = simulation_.world().random;
    if (purchases_.size() >= purchases_max) return;
    Purchase purchase;
    purchase.id = "order-" + std::string(10, '0') + std::to_string(next_id_++);
    purchase.buyer = random.pick(buyers_);
    purchase.offer = random.pick(offers_);
    purchase.address = "a-" + purchase.buyer;
    purchase.quantity = random.one_in(40) ? 0 : random.one_in(3) ? random.between(1, 4) : 1;
    if (random.one_in(60)) purchase.offer = "no-such-offer";
    if (random.one_in(60)) purchase.address = "a-of-nobody";
    purchases_[purchase.id] = purchase;
    ids_.push_back(purchase.id);
    ask(purchase);
    if (random.one_in(8)) ask(purchase);
    ask_again_later(purchase.id);
}

void Crowd::ask(const Purchase& purchase) {
    auto* parts = gateway();
    if (parts == nullptr) return;
    simulation_.world().trace(purchase.buyer + " asks " + parts->process.name() + " for " + std::to_string(purchase.quantity) +
                              " of " + purchase.offer + " as " + purchase.id);
    net::spawn(parts->process.executor(), place(*parts, purchase), "purchase");
}

/// The page asks again with the same id while it has no final answer.
void Crowd::ask_again_later(const std::string& id) {
    auto& world = simulation_.world();
    world.after_us(world.random.between(200'000, 4'000'000), [this, id] {
        const auto& purchase = purchases_.at(id);
        if (purchase.is_final) return false;
        ask(purchase);
        ask_again_later(id);
        return true;
    });
}

net::Task<> Crowd::place(GatewayParts& parts, Purchase purchase) {
    const auto answer = co_await parts.checkout.place(
        AccountId(purchase.buyer), request_of(purchase.id, purchase.offer, purchase.address, purchase.quantity));
    answered(purchase, answer);
}

void Crowd::answered(const Purchase& asked, const v1::OrderAnswer& answer) {
    auto& purchase = purchases_.at(asked.id);
    const bool is_again = !purchase.accepted.empty();
    const std::string word = word_of(answer);
    simulation_.world().trace(asked.id + " is answered: " + word);
    const bool is_known = simulation_.coverage().hit("answer to a purchase", answer.outcome() == v1::OUTCOME_ACCEPTED && is_again ? "accepted again" : word);
    if (!is_known) simulation_.world().fail("an answer for another reason: " + answer.ShortDebugString());
    if (answer.outcome() == v1::OUTCOME_UNKNOWN) return;
    if (answer.outcome() == v1::OUTCOME_ACCEPTED) check_accepted(asked, answer);
    // Known: a late payment that a falsified till lets take its stock again, and the ledger does not, ends the order as
    // "refused", though it was accepted once.
    const bool is_known_fault = word == "refused" && simulation_.checks().is_falsified();
    if (answer.outcome() == v1::OUTCOME_REJECTED && is_again && !is_known_fault)
        simulation_.world().fail("I2: " + asked.id + " was accepted, and then rejected: " + word);
    purchase.is_final = true;
    purchase.was_rejected |= answer.outcome() == v1::OUTCOME_REJECTED;
}

/// I2 and I3: what is answered "accepted" is in the ledger at that moment, once and as asked, and the same for ever.
void Crowd::check_accepted(const Purchase& asked, const v1::OrderAnswer& answer) {
    auto& world = simulation_.world();
    auto& purchase = purchases_.at(asked.id);
    const auto bytes = answer.SerializeAsString();
    if (!purchase.accepted.empty() && purchase.accepted != bytes) world.fail("I3: " + asked.id + " has two answers");
    purchase.accepted = bytes;
    purchase.amount_fen = answer.amount_fen();
    const auto rows = simulation_.ledger().database().query(
        "SELECT o.buyer_id, o.offer_id, o.quantity, o.amount_fen, o.state FROM orders o WHERE o.id = ?", {asked.id});
    if (!rows || rows->size() != 1) return world.fail("I2: " + asked.id + " is accepted and not in the ledger");
    const auto& row = rows->front();
    if (row.text(0) != asked.buyer || row.text(1) != asked.offer || row.integer(2) != asked.quantity ||
        row.integer(3) != answer.amount_fen())
        world.fail("I3: " + asked.id + " is accepted as another order than was asked for");
}

/// An id that was used already, by somebody else or for something else.
void Crowd::misuse_id() {
    auto* parts = gateway();
    const auto* known = some_purchase(true);
    if (parts == nullptr || known == nullptr) return;
    auto other = *known;
    if (simulation_.world().random.one_in(2)) {
        other.quantity = known->quantity + 1;
    } else {
        other.buyer = known->buyer == buyers_[0] ? buyers_[1] : buyers_[0];
        other.address = "a-" + other.buyer;
    }
    net::spawn(parts->process.executor(), place_other(*parts, other), "misuse");
}

net::Task<> Crowd::place_other(GatewayParts& parts, Purchase purchase) {
    const auto answer = co_await parts.checkout.place(
        AccountId(purchase.buyer), request_of(purchase.id, purchase.offer, purchase.address, purchase.quantity));
    (void)simulation_.coverage().hit("answer to a purchase", word_of(answer));
    if (answer.outcome() == v1::OUTCOME_ACCEPTED)
        simulation_.world().fail("I3: " + purchase.id + " is accepted with two bodies");
}

void Crowd::cancel() {
    auto* parts = gateway();
    const auto* purchase = some_purchase(false);
    if (parts == nullptr || purchase == nullptr) return;
    auto& random = simulation_.world().random;
    const auto buyer = random.one_in(8) ? buyers_[0] : purchase->buyer;
    const auto id = random.one_in(20) ? std::string("order-of-nobody-1") : purchase->id;
    net::spawn(parts->process.executor(), cancel_order(*parts, id, buyer), "cancelling");
}

net::Task<> Crowd::cancel_order(GatewayParts& parts, std::string id, std::string buyer) {
    const auto response = co_await parts.checkout.cancel(AccountId(buyer), the_show, OrderId(id));
    auto& world = simulation_.world();
    if (response.outcome() == v1::OUTCOME_UNKNOWN) {
        (void)simulation_.coverage().hit("answer to a cancelling", "unknown");
        co_return;
    }
    const bool is_accepted = response.outcome() == v1::OUTCOME_ACCEPTED;
    (void)simulation_.coverage().hit("answer to a cancelling", is_accepted ? "accepted" : "rejected");
    if (!is_accepted) co_return;
    const auto rows = simulation_.ledger().database().query("SELECT 1 FROM orders WHERE id = ? AND state = 4 AND buyer_id = ?", {id, buyer});
    if (!rows || rows->empty()) world.fail("I2: the cancelling of " + id + " is accepted and not in the ledger");
}

std::string Crowd::waits_for() const {
    for (const auto& [id, purchase] : purchases_) {
        if (!purchase.is_final) return "the answer to " + id;
    }
    for (const auto& [id, payment] : payments_) {
        if (!payment.is_taken) return "the site to take payment " + id;
    }
    return {};
}

std::int64_t Crowd::paid_fen(const std::string& payment) const {
    const auto known = payments_.find(payment);
    return known == payments_.end() ? 0 : known->second.amount_fen;
}

void Crowd::check_answers() {
    auto& world = simulation_.world();
    auto& database = simulation_.ledger().database();
    for (const auto& [id, purchase] : purchases_) {
        const auto rows = database.query("SELECT state FROM orders WHERE id = ?", {id});
        if (!purchase.accepted.empty() && rows->size() != 1) world.fail("I2: accepted " + id + " is not in the ledger");
        // It may be there though it was rejected: a request that was on its way for long came in after its answer. Nobody
        // has paid for it, so that its hold has ended.
        if (purchase.accepted.empty() && !rows->empty() && rows->front().integer(0) == 2)
            world.fail("I2: " + id + " is paid and was never accepted");
    }
    for (const auto& [id, payment] : payments_) {
        const auto rows = database.query("SELECT count(*), sum(amount_fen) FROM payments WHERE id = ? AND state <> 'created'", {id});
        if (rows->front().integer(0) != 1 || rows->front().integer(1) != payment.amount_fen)
            world.fail("I5: payment " + id + " was taken and is not in the ledger");
    }
}

}  // namespace livefair::sim
