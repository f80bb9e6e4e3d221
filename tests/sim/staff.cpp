#include "sim/staff.hpp"

#include <livefair/v1/catalog.pb.h>

#include <algorithm>

#include "base/check.hpp"
#include "ledger/catalog.hpp"
#include "ledger/offer_terms.hpp"
#include "sim/simulation.hpp"
#include "sim/terms.hpp"

namespace livefair::sim {

namespace {

constexpr std::size_t changes_max = 20;

std::string word_of(const Result<ledger::ChangeAnswer>& answer) {
    using Refusal = ledger::ChangeAnswer::Refusal;
    if (!answer) return "unknown";
    switch (answer->refusal) {
        case Refusal::none:
            return answer->change.state == ledger::ChangeState::refused ? "refused" : "done";
        case Refusal::not_enough_free:
            return "not enough free";
        case Refusal::below_sold:
            return "below sold";
        case Refusal::under_way:
            return "under way";
        case Refusal::other_change:
            return "other change";
    }
    return "another refusal";
}

}  // namespace

void Staff::begin() {
    moves_allocations_ = simulation_.world().random.one_in(3);
    changes_terms_ = simulation_.world().random.one_in(3);
    if (!simulation_.world().random.one_in(6)) return;
    simulation_.world().after_us(simulation_.world().random.between(300'000, 3'000'000), [this] {
        end_show();
        return true;
    });
}

/// As the API does it: first the ledger, then all that follows, until a gateway says that it is done.
void Staff::end_show() {
    LF_CHECK(simulation_.coverage().hit("show", "live > ended"));
    simulation_.world().trace("the show ends");
    is_over_ = true;
    const auto ended = simulation_.ledger().run_now([](ledger::Database& database) -> Result<> {
        const auto written = database.execute("UPDATE shows SET state = 3 WHERE id = ?", {the_show.str()});
        if (!written) return written.error();
        return {};
    });
    LF_CHECK(ended.has_value());
    ask_for_end();
}

void Staff::ask_for_end() {
    if (auto* parts = simulation_.any_gateway()) net::spawn(parts->process.executor(), end_at(*parts), "end of show");
    auto& world = simulation_.world();
    world.after_us(world.random.between(500'000, 3'000'000), [this] {
        if (is_end_heard_) return false;
        ask_for_end();
        return true;
    });
}

net::Task<> Staff::end_at(GatewayParts& parts) {
    const Result<> ended = co_await parts.sales.end_show(the_show);
    if (ended) is_end_heard_ = true;
}

void Staff::act() {
    auto& random = simulation_.world().random;
    if (changes_terms_ && random.one_in(3)) return change_terms();
    if (!moves_allocations_ || random.one_in(2)) return operate();
    if (random.one_in(10)) return misuse_id();
    change_allocation();
}

void Staff::operate() {
    auto* parts = simulation_.any_gateway();
    if (parts == nullptr) return;
    auto& random = simulation_.world().random;
    const auto offer = "offer" + std::to_string(random.between(1, 3));
    const auto duration_ms = random.one_in(3) ? random.between(50, 2000) : 0;
    net::spawn(parts->process.executor(), set_offer(*parts, offer, !random.one_in(3), duration_ms), "operator");
}

net::Task<> Staff::set_offer(GatewayParts& parts, std::string offer, bool is_open, std::int64_t duration_ms) {
    simulation_.world().trace(offer + (is_open ? " is opened" : " is closed"));
    if (is_open) (void)co_await parts.sales.open_offer(the_show, OfferId(offer), duration_ms, 0);
    else (void)co_await parts.sales.close_offer(the_show, OfferId(offer));
}

/// Another price, other tiers, gifts and days, as the page shows them from then on. Two may change the same version.
void Staff::change_terms() {
    auto& random = simulation_.world().random;
    const auto number = random.between(1, 3);
    auto offer = ledger::find_offer(simulation_.ledger().database(), OfferId("offer" + std::to_string(number)));
    LF_CHECK(offer.has_value());
    const bool has_gift = std::any_of(offer->lines().begin(), offer->lines().end(), [](const auto& line) { return line.is_gift(); });
    for (auto times = random.one_in(4) ? 2 : 1; times > 0; --times) {
        offer->set_price_fen(number * 1000 + random.between(-50, 50));
        *offer->mutable_terms() = terms_of(random, number, has_gift);
        if (auto* parts = simulation_.any_gateway()) net::spawn(parts->process.executor(), change_offer(*parts, *offer), "terms");
    }
}

net::Task<> Staff::change_offer(GatewayParts& parts, v1::Offer offer) {
    const auto changed = co_await parts.sales.change_offer(offer, AccountId("staff1"));
    auto& world = simulation_.world();
    const std::string word = changed ? "changed" : changed.error() == Errc::conflict ? "conflict" : "unknown";
    world.trace("the change of version " + std::to_string(offer.version()) + " of " + offer.id() + " is answered: " + word);
    if (!simulation_.coverage().hit("answer to a change of terms", word)) world.fail("a change of terms is answered: " + word);
    if (!changed) co_return;
    const auto page = ledger::find_page(simulation_.ledger().database(), OfferId(offer.id()), offer.version() + 1);
    if (!page || page->price_fen() != offer.price_fen() || ledger::terms_text(*page) != ledger::terms_text(offer))
        world.fail("I2: " + offer.id() + " was changed, and the ledger has its page otherwise");
}

/// More of a stock or of the fund's money, less, or back with all that is not sold.
void Staff::change_allocation() {
    if (changes_.size() >= changes_max) return;
    auto& random = simulation_.world().random;
    const auto number = random.between(1, 4);
    const auto where = number == 4 ? ledger::Allocation::of_fund(the_show, "fund1")
                                   : ledger::Allocation::of_stock(the_show, StockId("stock" + std::to_string(number)));
    auto wanted = random.between(1, 6) * (number == 4 ? 100 : 1);
    if (random.one_in(2)) wanted = random.one_in(4) ? 0 : -wanted;
    const ledger::ChangeRequest request{where, "change-" + std::to_string(changes_.size()), wanted, "staff1", "evening"};
    changes_[request.id].request = request;
    ask(request);
    if (random.one_in(6)) ask(request);
    ask_again_later(request.id);
}

/// An id that was used for another change before.
void Staff::misuse_id() {
    if (changes_.empty()) return;
    const auto& known = simulation_.world().random.pick(changes_).second;
    // Only one that is in the ledger is taken.
    if (known.answer != "done" && known.answer != "refused") return;
    auto other = known.request;
    other.wanted += 1;
    ask(other);
}

void Staff::ask(const ledger::ChangeRequest& request) {
    auto* parts = simulation_.any_gateway();
    if (parts == nullptr) return;
    simulation_.world().trace(request.id + " asks " + parts->process.name() + " to change " + request.where.field + " by " +
                              std::to_string(request.wanted));
    net::spawn(parts->process.executor(), change(*parts, request), "allocation");
}

void Staff::ask_again_later(const std::string& id) {
    auto& world = simulation_.world();
    world.after_us(world.random.between(200'000, 4'000'000), [this, id] {
        const auto& asked = changes_.at(id);
        if (!asked.answer.empty()) return false;
        ask(asked.request);
        ask_again_later(id);
        return true;
    });
}

net::Task<> Staff::change(GatewayParts& parts, ledger::ChangeRequest request) {
    const auto answer = co_await parts.sales.allocations().change(request);
    answered(request, answer);
}

void Staff::answered(const ledger::ChangeRequest& request, const Result<ledger::ChangeAnswer>& answer) {
    auto& world = simulation_.world();
    const auto word = word_of(answer);
    world.trace(request.id + " is answered: " + word);
    if (!simulation_.coverage().hit("answer to a change", word)) world.fail("a change is answered: " + word);
    auto& asked = changes_.at(request.id);
    if (request.wanted != asked.request.wanted) {
        if (word == "done" || word == "refused") world.fail("I3: " + request.id + " is " + word + " with two contents");
        return;
    }
    if (word == "unknown" || word == "under way") return;
    if (word == "other change") world.fail("I3: " + request.id + " is not known again");
    // What was not recorded may still be, by a request that came later.
    const bool is_recorded = word == "done" || word == "refused";
    const bool was_recorded = asked.answer == "done" || asked.answer == "refused";
    // Known: what a till refused before its rebuild it may give after it, when two had asked.
    const bool is_known = asked.answer == "refused" && word == "done";
    if (was_recorded && word != asked.answer && !is_known) world.fail("I3: " + request.id + " was " + asked.answer + ", and then " + word);
    if (is_recorded || asked.answer.empty()) asked.answer = word;
    if (is_recorded) check_change(request, word);
}

/// What is answered is in the ledger, as it was asked for.
void Staff::check_change(const ledger::ChangeRequest& request, const std::string& answer) {
    const auto rows = simulation_.ledger().database().query(
        "SELECT amount FROM allocation_changes WHERE id = ? AND field = ? AND wanted = ? AND CASE WHEN state = 4 THEN 'refused' WHEN state > 1 "
        "THEN 'done' END = ?",
        {request.id, request.where.field, request.wanted, answer});
    auto& world = simulation_.world();
    if (!rows || rows->size() != 1) return world.fail("I2: " + request.id + " was answered \"" + answer + "\", and the ledger has it otherwise");
    if (answer == "done" && request.wanted != 0 && rows->front().integer(0) != request.wanted)
        world.fail("I6: " + request.id + " has moved " + std::to_string(rows->front().integer(0)));
}

std::string Staff::waits_for() const {
    for (const auto& [id, asked] : changes_) {
        if (asked.answer.empty()) return "the answer to " + id;
    }
    if (!is_over_) return {};
    if (!is_end_heard_) return "the show to end";
    const auto rests = ledger::unreturned(simulation_.ledger().database(), the_show);
    LF_CHECK(rests.has_value());
    return rests->empty() ? std::string() : "the show to give back the rest of " + rests->front().field;
}

void Staff::check_answers() {
    for (const auto& [id, asked] : changes_) {
        if (asked.answer == "done") check_change(asked.request, asked.answer);
    }
}

}  // namespace livefair::sim
