#include "sim/provider.hpp"

#include "base/check.hpp"
#include "ledger/database.hpp"

namespace livefair::sim {

using commerce::RefundFact;

namespace {
constexpr std::int64_t answer_deadline_us = 400'000;
}

Result<RefundFact> ProviderBooks::refund(const std::string& id, const std::string& payment, std::int64_t amount_fen) {
    auto& random = world_.random;
    const auto known = refunds_.find(id);
    if (known != refunds_.end()) {
        if (known->second.payment != payment || known->second.amount_fen != amount_fen)
            world_.fail("I3: the provider is asked for two refunds as " + id);
        return find(id);
    }
    std::int64_t given_fen = amount_fen;
    for (const auto& [other, refund] : refunds_) {
        if (refund.payment == payment && refund.habit == Habit::gives) given_fen += refund.amount_fen;
    }
    if (amount_fen <= 0 || given_fen > paid_fen_(payment))
        world_.fail("I5: the provider is to give back " + std::to_string(given_fen) + " of payment " + payment + " of " +
                    std::to_string(paid_fen_(payment)));
    const auto [habit, is_new] = habits_.try_emplace(payment, Habit::gives);
    if (is_new && random.one_in(10)) habit->second = random.one_in(2) ? Habit::never : Habit::refuses;
    const auto takes_us = random.one_in(3) ? random.between(10'000, 1'500'000) : 0;
    refunds_[id] = {payment, amount_fen, habit->second, world_.now_us() + takes_us};
    world_.trace("the provider is asked for refund " + id + " of " + std::to_string(amount_fen));
    return find(id);
}

Result<RefundFact> ProviderBooks::find(const std::string& id) const {
    const auto known = refunds_.find(id);
    if (known == refunds_.end()) return make_error_code(Errc::not_found);
    const auto& refund = known->second;
    if (refund.habit == Habit::refuses) return make_error_code(Errc::conflict);
    if (world_.now_us() < refund.settled_us) return RefundFact{RefundFact::State::accepted, {}};
    return refund.habit == Habit::gives ? RefundFact{RefundFact::State::done, {}} : RefundFact{RefundFact::State::failed, "account closed"};
}

void ProviderBooks::check(ledger::Database& database) const {
    const auto rows = database.query("SELECT id, payment_id, amount_fen, state FROM refund_requests");
    LF_CHECK(rows.has_value());
    for (const auto& row : *rows) {
        const auto known = refunds_.find(row.text(0));
        const bool is_given = known != refunds_.end() && known->second.habit == Habit::gives;
        const bool is_same = known == refunds_.end() || (known->second.payment == row.text(1) && known->second.amount_fen == row.integer(2));
        if (is_given != (row.text(3) == "done") || !is_same)
            world_.fail("I5: refund " + row.text(0) + " is " + row.text(3) + " in the ledger, and otherwise at the provider");
    }
    for (const auto& [id, refund] : refunds_) {
        const auto asked = database.query("SELECT 1 FROM refund_requests WHERE id = ?", {id});
        LF_CHECK(asked.has_value());
        if (asked->empty()) world_.fail("I5: the ledger never asked for refund " + id);
    }
}

net::Task<Result<RefundFact>> RemoteProvider::refund(std::string id, PaymentId payment, std::int64_t amount_fen, std::int64_t, std::string) {
    return ask([&books = books_, id, payment, amount_fen] { return books.refund(id, payment.str(), amount_fen); });
}

net::Task<Result<RefundFact>> RemoteProvider::query_refund(std::string id, PaymentId) {
    return ask([&books = books_, id] { return books.find(id); });
}

net::Task<Result<RefundFact>> RemoteProvider::ask(std::function<Answer()> act) {
    auto& process = Process::of(co_await net::asio::this_coro::executor);
    auto& world = books_.world();
    auto start = [&process, &world, &books = books_, act = std::move(act)](Process::Waiting<Answer> waiting) {
        const auto answer_in = [&process, &world, waiting](std::int64_t delay_us, Answer answer) {
            world.after_us(delay_us, [&process, waiting, answer] { return !waiting.expired() && process.complete(waiting, answer); });
        };
        auto& random = world.random;
        const auto unknown = make_error_code(Errc::timed_out);
        if (random.one_in(10) && !books.is_repaired()) return answer_in(answer_deadline_us, unknown);
        // On its way it arrives, whoever dies meanwhile.
        world.after_us(random.between(500, 30'000), [&world, &books, act, answer_in, unknown] {
            const auto fact = act();
            const bool is_lost = world.random.one_in(6) && !books.is_repaired();
            answer_in(is_lost ? answer_deadline_us : world.random.between(500, 30'000), is_lost ? Answer(unknown) : fact);
            return true;
        });
    };
    const Answer answer = co_await process.wait<Answer>(std::move(start));
    co_return answer;
}

}  // namespace livefair::sim
