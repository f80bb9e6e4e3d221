#include "sim/after_sales.hpp"

#include "base/check.hpp"
#include "base/clock.hpp"
#include "sim/simulation.hpp"

namespace livefair::sim {

namespace {

using Outcome = ledger::RefundAnswer::Outcome;

constexpr std::size_t wishes_max = 20;
constexpr std::int64_t four_eyes_fen = 1500;

std::string word_of(const Result<ledger::RefundAnswer>& answer) {
    if (!answer) return "unknown";
    switch (answer->outcome) {
        case Outcome::taken:
            return "taken";
        case Outcome::not_refundable:
            return "not refundable";
        case Outcome::too_much:
            return "too much";
        case Outcome::waits:
            return "waits";
        case Outcome::used_id:
            return "used id";
        case Outcome::own:
            return "own";
        case Outcome::not_failed:
            return "not failed";
        case Outcome::decided:
            return "decided";
        case Outcome::no_payment:
            return "no payment";
        case Outcome::no_reference:
            return "no reference";
        case Outcome::needless_reference:
            return "needless reference";
    }
    return "another outcome";
}

std::string word_of(const Result<ledger::StepOutcome>& outcome) {
    if (!outcome) return "unknown";
    switch (*outcome) {
        case ledger::StepOutcome::taken:
            return "taken";
        case ledger::StepOutcome::repeated:
            return "repeated";
        case ledger::StepOutcome::illegal:
            return "illegal";
        case ledger::StepOutcome::goods_refunded:
            return "goods refunded";
        case ledger::StepOutcome::refund_waits:
            return "refund waits";
    }
    return "another outcome";
}

}  // namespace

void AfterSales::begin() {
    is_open_ = simulation_.world().random.one_in(3);
}

void AfterSales::act() {
    auto& random = simulation_.world().random;
    if (random.one_in(5)) return take_step();
    if (random.one_in(3)) return decide();
    if (random.one_in(10)) return misuse_id();
    wish();
}

/// A row of what the ledger has now, any; empty when there is none.
std::optional<ledger::Row> AfterSales::some_row(const char* sql) {
    auto rows = simulation_.ledger().database().query(sql);
    LF_CHECK(rows.has_value());
    if (rows->empty()) return std::nullopt;
    return std::move(simulation_.world().random.pick(*rows));
}

void AfterSales::take_step() {
    const auto order = some_row("SELECT id FROM orders WHERE state = 2 ORDER BY id");
    auto* parts = simulation_.any_gateway();
    if (!order || parts == nullptr) return;
    ledger::Step step;
    step.show = the_show;
    step.order = OrderId(order->text(0));
    step.to = static_cast<ledger::Progress>(simulation_.world().random.between(1, 3));
    step.by = AccountId("staff1");
    step.carrier = "顺丰";
    step.tracking_number = "SF1";
    step.at_ms = system_clock().unix_ms();
    net::spawn(parts->process.executor(), take_step(*parts, step), "step");
}

net::Task<> AfterSales::take_step(GatewayParts& parts, ledger::Step step) {
    const auto word = word_of(co_await parts.orders.step(step));
    auto& world = simulation_.world();
    world.trace("step " + std::to_string(static_cast<int>(step.to)) + " of " + step.order.str() + " is answered: " + word);
    if (!simulation_.coverage().hit("answer to a step", word)) world.fail("a step is answered: " + word);
}

/// By the buyer or by staff; of goods, of money alone, or of goods for less than they cost; sometimes of more than there is.
void AfterSales::wish() {
    if (wishes_.size() >= wishes_max) return;
    const auto order = some_row("SELECT id, buyer_id, quantity, amount_fen FROM orders WHERE state = 2 ORDER BY id");
    if (!order) return;
    auto& random = simulation_.world().random;
    ledger::RefundWish wish;
    wish.id = "refund-" + std::to_string(wishes_.size());
    wish.show = the_show;
    wish.order = OrderId(order->text(0));
    wish.quantity = random.one_in(4) ? 0 : random.between(1, order->integer(2) + (random.one_in(10) ? 1 : 0));
    if (wish.quantity == 0 || random.one_in(4)) wish.amount_fen = random.between(1, order->integer(3) + (random.one_in(10) ? 1 : 0));
    wish.why = "破损";
    wish.is_buyers = random.one_in(3);
    wish.by = wish.is_buyers ? AccountId(order->text(1)) : AccountId("staff" + std::to_string(random.between(1, 2)));
    wish.four_eyes_fen = four_eyes_fen;
    wish.at_ms = system_clock().unix_ms();
    wishes_[wish.id].wish = wish;
    ask(wish);
    if (random.one_in(6)) ask(wish);
    ask_again_later(wish.id);
}

/// An id that was used for another refund before.
void AfterSales::misuse_id() {
    if (wishes_.empty()) return;
    const auto& known = simulation_.world().random.pick(wishes_).second;
    if (known.answer != "taken") return;
    auto other = known.wish;
    other.amount_fen += 1;
    ask(other);
}

void AfterSales::ask(const ledger::RefundWish& wish) {
    auto* parts = simulation_.any_gateway();
    if (parts == nullptr) return;
    simulation_.world().trace(wish.by.str() + " asks " + parts->process.name() + " for " + wish.id + " of " + wish.order.str() + ": " +
                              std::to_string(wish.quantity) + " offers, " + std::to_string(wish.amount_fen) + " fen");
    net::spawn(parts->process.executor(), wish_refund(*parts, wish), "refund");
}

void AfterSales::ask_again_later(const std::string& id) {
    auto& world = simulation_.world();
    world.after_us(world.random.between(200'000, 4'000'000), [this, id] {
        const auto& asked = wishes_.at(id);
        if (!asked.answer.empty()) return false;
        ask(asked.wish);
        ask_again_later(id);
        return true;
    });
}

net::Task<> AfterSales::wish_refund(GatewayParts& parts, ledger::RefundWish wish) {
    const auto answer = co_await parts.orders.wish_refund(wish);
    answered(wish, answer);
}

void AfterSales::answered(const ledger::RefundWish& wish, const Result<ledger::RefundAnswer>& answer) {
    auto& world = simulation_.world();
    const auto word = word_of(answer);
    world.trace(wish.id + " is answered: " + word);
    if (!simulation_.coverage().hit("answer to a refund", word)) world.fail("a refund is answered: " + word);
    if (word == "unknown") return;
    auto& asked = wishes_.at(wish.id);
    const bool is_misuse = wish.amount_fen != asked.wish.amount_fen;
    if (is_misuse != (word == "used id")) world.fail("I3: " + wish.id + " is used twice and answered: " + word);
    if (is_misuse) return;
    if (asked.answer == "taken" && word != "taken") world.fail("I3: " + wish.id + " was taken, and then answered: " + word);
    // What was not recorded may still be, by a request that came later.
    if (word == "taken" || asked.answer.empty()) asked.answer = word;
    if (word == "taken") check_taken(wish);
}

/// What is answered is in the ledger, as it was asked for.
void AfterSales::check_taken(const ledger::RefundWish& wish) {
    const auto rows = simulation_.ledger().database().query(
        "SELECT 1 FROM refunds WHERE id = ? AND order_id = ? AND asked_quantity = ? AND asked_fen = ? AND asked_by = ?",
        {wish.id, wish.order.str(), wish.quantity, wish.amount_fen, wish.by.str()});
    if (!rows || rows->size() != 1) simulation_.world().fail("I2: " + wish.id + " was taken, and the ledger has it otherwise");
}

/// Not by who asked for it, though some try.
void AfterSales::decide() {
    const auto refund = some_row("SELECT id FROM refunds WHERE state IN (1, 2, 4) ORDER BY id");
    if (!refund) return;
    auto& random = simulation_.world().random;
    ledger::RefundDecision decision;
    decision.id = refund->text(0);
    decision.show = the_show;
    decision.is_yes = !random.one_in(4);
    decision.by = AccountId("staff" + std::to_string(random.between(1, 2)));
    decision.why = "核实";
    decision.at_ms = system_clock().unix_ms();
    for (auto times = random.between(1, 2); times > 0; --times) {
        if (auto* parts = simulation_.any_gateway()) net::spawn(parts->process.executor(), decide_refund(*parts, decision), "decision");
    }
}

net::Task<> AfterSales::decide_refund(GatewayParts& parts, ledger::RefundDecision decision) {
    const auto answer = co_await parts.orders.decide_refund(decision);
    auto& world = simulation_.world();
    const auto word = word_of(answer);
    world.trace("the decision of " + decision.by.str() + " on " + decision.id + " is answered: " + word);
    if (!simulation_.coverage().hit("answer to a decision", word)) world.fail("a decision is answered: " + word);
    if (word != "taken" || !decision.is_yes) co_return;
    const auto rows = simulation_.ledger().database().query("SELECT state FROM refunds WHERE id = ?", {decision.id});
    if (!rows || rows->size() != 1 || rows->front().integer(0) == 1 || rows->front().integer(0) == 4)
        world.fail("I2: " + decision.id + " is agreed to, and not in the ledger");
}

std::string AfterSales::waits_for() const {
    for (const auto& [id, asked] : wishes_) {
        if (asked.answer.empty()) return "the answer to " + id;
    }
    if (!is_open_) return {};
    const auto rows = simulation_.ledger().database().query(
        "SELECT id FROM refunds WHERE state = 2 OR restock = 1 UNION ALL SELECT id FROM refund_requests WHERE state IN ('asked', 'accepted') UNION "
        "ALL SELECT id FROM payments WHERE state = 'refund_due' AND NOT EXISTS (SELECT 1 FROM refund_requests WHERE payment_id = payments.id)");
    LF_CHECK(rows.has_value());
    return rows->empty() ? std::string() : "what follows from refund " + rows->front().text(0);
}

void AfterSales::check_answers() {
    for (const auto& [id, asked] : wishes_) {
        if (asked.answer == "taken") check_taken(asked.wish);
    }
    const auto alone = simulation_.ledger().database().query(
        "SELECT f.id FROM refunds f JOIN orders o ON o.id = f.order_id WHERE f.state IN (2, 3, 5) AND (f.decided_by = o.buyer_id OR (f.decided_by = "
        "f.asked_by AND f.amount_fen > ?))",
        {four_eyes_fen});
    LF_CHECK(alone.has_value());
    if (!alone->empty()) simulation_.world().fail("I5: nobody else has agreed to " + alone->front().text(0));
}

}  // namespace livefair::sim
