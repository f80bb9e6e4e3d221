#include "commerce/allocation_desk.hpp"

#include "base/clock.hpp"
#include "base/random.hpp"
#include "commerce/till_rows.hpp"

namespace livefair::commerce {

using ledger::Allocation;
using ledger::Change;
using ledger::ChangeAnswer;
using ledger::ChangeState;
using ledger::Database;
using std::chrono::milliseconds;

namespace {

/// What is asked of the till comes back through the projector, usually within 10 ms.
constexpr milliseconds look_period{5};
constexpr milliseconds settle_deadline{3'000};
/// Changes that are younger are being settled by who asked for them.
constexpr std::int64_t left_alone_ms = 1'000;

bool is_settled(const Change& change) {
    return change.state == ChangeState::told || change.state == ChangeState::refused;
}

/// Notes what the till of `epoch` said of a change. A till of another epoch than the ledger's speaks for a server that is the primary no more, or was rebuilt since:
/// timed_out, and the till of now is told.
Result<> note_by(Database& db, const Change& change, std::int64_t epoch, Result<> (*note)(Database&, const Change&)) {
    const auto is_current = db.query("SELECT 1 FROM tills WHERE show_id = ? AND epoch = ?", {change.where.show.str(), epoch});
    if (!is_current) return is_current.error();
    if (is_current->empty()) return make_error_code(Errc::timed_out);
    return note(db, change);
}

}  // namespace

net::Task<Result<ChangeAnswer>> AllocationDesk::change(ledger::ChangeRequest request) {
    const auto end = std::chrono::steady_clock::now() + settle_deadline;
    for (;;) {
        auto ask = [request, now_ms = system_clock().unix_ms()](Database& db) { return ledger::ask_change(db, request, now_ms); };
        auto answer = co_await ledger_.write(std::move(ask));
        const bool is_busy = answer && answer->refusal == ChangeAnswer::Refusal::under_way;
        if (!answer || (answer->refusal != ChangeAnswer::Refusal::none && !is_busy)) co_return answer;
        if (!is_busy && is_settled(answer->change)) co_return answer;
        const Result<> told = co_await settle(request.where);
        // Adding is done when the ledger has it; a till that can't be told now is told by sweep().
        if (!is_busy && answer->change.state == ChangeState::done) co_return answer;
        if (!told && told.error() != Errc::timed_out) co_return told.error();
        if (std::chrono::steady_clock::now() >= end) {
            if (is_busy) co_return answer;
            co_return make_error_code(Errc::timed_out);
        }
        co_await net::sleep_for(look_period);
    }
}

net::Task<Result<>> AllocationDesk::settle(Allocation where) {
    auto list = [where](Database& db) { return ledger::open_changes(db, where); };
    const auto changes = co_await ledger_.read(std::move(list));
    if (!changes) co_return changes.error();
    for (const auto& change : *changes) {
        const Result<> told = co_await tell(change);
        if (!told) co_return told.error();
    }
    co_return Result<>();
}

net::Task<Result<>> AllocationDesk::tell(Change change) {
    const auto by = change.wanted == 0 ? std::nullopt : std::optional(change.wanted);
    const Result<Adjustment> told = co_await till_.adjust(change.where.show, change.where.field, change.number, by);
    if (!told) co_return told.error();
    const bool adds = change.state == ChangeState::done;
    switch (told->kind) {
        case Adjustment::Kind::gap:
        case Adjustment::Kind::paused:
            co_return make_error_code(Errc::timed_out);
        case Adjustment::Kind::done: {
            // What was taken away is noted by the projector, in the order of the stream.
            if (!adds) co_return Result<>();
            auto note = [change, epoch = told->epoch](Database& db) { return note_by(db, change, epoch, ledger::note_told); };
            co_return co_await ledger_.write(std::move(note));
        }
        case Adjustment::Kind::no_field:
            co_await load_stocks(change.where.show);
            co_return make_error_code(Errc::timed_out);
        case Adjustment::Kind::too_few: {
            auto note = [change, epoch = told->epoch](Database& db) { return note_by(db, change, epoch, ledger::note_refused); };
            co_return co_await ledger_.write(std::move(note));
        }
    }
    co_return make_error_code(Errc::internal);
}

net::Task<> AllocationDesk::load_stocks(ShowId show) {
    auto read = [show](Database& db) { return left_fields(db, show, OfferId()); };
    auto left = co_await ledger_.read(std::move(read));
    if (left && !left->empty()) (void)co_await till_.load_stocks(show, std::move(*left));
}

net::Task<> AllocationDesk::give_back_rest(Allocation where) {
    redis::Client::Command look{"HGET", till_key(where.show, "till"), where.field};
    const auto left = co_await till_.redis().command(std::move(look));
    // The rest may be held or under way to the ledger: then there is nothing to give back yet.
    if (!left || left->text == "0") co_return;
    const ledger::ChangeRequest request{where, "rest-" + random_hex(8), 0, "", "show ended"};
    auto ask = [request, now_ms = system_clock().unix_ms()](Database& db) { return ledger::ask_change(db, request, now_ms); };
    const auto asked = co_await ledger_.write(std::move(ask));
    if (!asked || (asked->refusal != ChangeAnswer::Refusal::none && asked->refusal != ChangeAnswer::Refusal::under_way)) co_return;
    (void)co_await settle(where);
}

net::Task<> AllocationDesk::give_back(ShowId show) {
    auto list = [show](Database& db) { return ledger::unreturned(db, show); };
    const auto rests = co_await ledger_.read(std::move(list));
    if (!rests) co_return;
    for (const auto& where : *rests) co_await give_back_rest(where);
}

net::Task<> AllocationDesk::sweep() {
    auto list = [before_ms = system_clock().unix_ms() - left_alone_ms](Database& db) { return ledger::open_allocations(db, before_ms); };
    const auto open = co_await ledger_.read(std::move(list));
    if (!open) co_return;
    for (const auto& where : *open) (void)co_await settle(where);
    co_await give_back(ShowId());
}

}  // namespace livefair::commerce
