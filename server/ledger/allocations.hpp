#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"

/// Parts of what is limited (a product's units, a subsidy fund's money) that shows and channels may use up by themselves, and their
/// changes while a till sells. Adding is written here first and then told to the till; taking away is asked of the till first, and
/// written when its word comes back through the orders stream. So neither side ever has more than the other has granted; a change that
/// was cut short is told again (its number makes that harmless). Free functions for the ledger's threads, inside Ledger::read() or
/// Ledger::write(). Errors of all: ledger_unavailable.
namespace livefair::ledger {

class Database;

/// `field` is the name in the show's till.
struct Allocation {
    ShowId show;
    std::string field;
    static Allocation of_stock(ShowId show, const StockId& stock) { return {std::move(show), "left:" + stock.str()}; }
    static Allocation of_fund(ShowId show, const std::string& fund) { return {std::move(show), "pool:" + fund}; }
};

/// The numbers are those of allocation_changes.state.
enum class ChangeState { asked = 1, done = 2, told = 3, refused = 4 };

struct ChangeRequest {
    Allocation where;
    std::string id;           ///< The same id again is the same change.
    std::int64_t wanted = 0;  ///< Units or fen to add; below 0: to take away; 0: to give back all that is not sold.
    std::string by_account, why;
};

struct Change {
    Allocation where;
    std::int64_t number = 0;  ///< From 1 in each allocation, without a hole.
    std::string id;
    std::int64_t wanted = 0;
    std::int64_t amount = 0;  ///< What was moved, once it is settled.
    ChangeState state = ChangeState::asked;
    std::string by_account, why;
    std::int64_t at_ms = 0;
};

/// Why a change was not even recorded. `most`: what could have been added, or taken away.
struct ChangeAnswer {
    enum class Refusal {
        none,
        not_enough_free,  ///< The product, or the fund, has not so much that no show has.
        below_sold,       ///< More than is neither sold nor held.
        under_way,        ///< Another change of it is not settled yet: try again.
        other_change,     ///< The id belongs to a change with another content.
    };
    Refusal refusal = Refusal::none;
    std::int64_t most = 0;
    Change change;
};

/// Adds at once, where the source has enough. Takes away at once where no till sells; else the change is `asked`.
/// Errors besides: not_found - no such stock in this show, or no such fund or show.
Result<ChangeAnswer> ask_change(Database& db, const ChangeRequest& request, std::int64_t now_ms);

/// The first allocation of a new stock. Errors besides: conflict - the product has not so many free.
Result<> allocate_new(Database& db, const StockId& stock, std::int64_t units);

/// Makes the row in `inventories` of a product that has none: nobody has stated its total, which so far is what shows have.
Result<> ensure_inventory(Database& db, const std::string& product);

/// A change's newest state. Errors besides: not_found.
Result<Change> find_change(Database& db, const std::string& id);
/// Changes of one allocation that are asked or done and not told, in order.
Result<std::vector<Change>> open_changes(Database& db, const Allocation& where);
/// Allocations with such changes from before `before_ms`, at most 100.
Result<std::vector<Allocation>> open_allocations(Database& db, std::int64_t before_ms);
/// Allocations of one ended show, or of all when `show` is empty, that still have what is not sold, at most 100.
Result<std::vector<Allocation>> unreturned(Database& db, const ShowId& show);
/// All changes of one allocation, newest first, at most 200.
Result<std::vector<Change>> list_changes(Database& db, const Allocation& where);
/// By field, the number of the newest change whose effect is in the ledger's figures: what a rebuilt till starts from.
Result<std::map<std::string, std::int64_t>> newest_settled(Database& db, const ShowId& show);

/// The till has taken a change that adds.
Result<> note_told(Database& db, const Change& change);
/// The till has not enough left to take it away. One that it takes after all, once it was rebuilt, is settled by settle_adjustment().
Result<> note_refused(Database& db, const Change& change);
/// An entry "adjusted" of the orders stream; `what` is "<number>|<amount>". False: it makes no sense or can't be done, and nothing was.
Result<bool> settle_adjustment(Database& db, const Allocation& where, const std::string& what);

}  // namespace livefair::ledger
