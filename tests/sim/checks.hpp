#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/order_text.hpp"
#include "sim/coverage.hpp"
#include "sim/ledger_model.hpp"
#include "sim/redis_server.hpp"

namespace livefair::sim {

/// A stock's id, or a fund's as "$fund", from the till's field.
std::string name_of(const std::string& field);
/// What the show may use up of each stock, and of a fund as "$fund".
std::map<std::string, std::int64_t> totals_of(ledger::Database& database);

/// The invariants that hold at every moment: I1 no oversell, I3 one effect per id, I4 limits, I5 money that adds up, I6
/// stock that is conserved, and no state that goes back. Looks at what each command and each commit changed.
class Checks {
public:
    Checks(World& world, RedisServer& redis, LedgerModel& ledger, Coverage& coverage);

    /// What the show has before anything happens. `has_after_sales`: paid orders are shipped and refunded.
    void begin(bool has_after_sales);
    void after_command(const Command& command, const Reply& reply);
    void after_commit();
    /// All sums of the ledger. Rows are only added, so what is wrong once stays wrong: not needed after each commit.
    void audit_ledger();
    /// Somebody gave the till `units` that the ledger does not have: from now on the ledger's cap has to hold.
    void expect_falsified(const std::string& stock, std::int64_t units);
    bool is_falsified() const { return is_falsified_; }

private:
    using OrderState = ledger::OrderState;
    struct TillOrder {
        OrderState state{};
        std::string offer, buyer, payments;
        std::int64_t quantity = 0;  ///< But for what refunds have put on sale again; so are units.
        std::int64_t hold_until_ms = 0;
        std::vector<ledger::StockUnits> units;
        bool is_rejected = false;  ///< Its refusal is remembered, instead of an order.
    };
    static bool is_held(const TillOrder& order) {
        return order.state == OrderState::reserved || order.state == OrderState::paid;
    }

    void note_answer(const Command& command, const Reply& reply);
    void note_order(const std::string& id, const Command& command);
    std::int64_t restocked(const std::string& payments);
    void count(const TillOrder& order, int sign);
    void note_till(const Command& command);
    std::map<std::string, std::int64_t> granted_totals();
    void note_change(const Command& command, const Reply& reply);
    void check_stock(const Command& command);
    void check_order(const std::string& id);
    void hit(const char* machine, const std::string& transition);
    void fail(const std::string& why) { world_.fail(why); }
    void trace_till();
    void check_states();
    void check_refunds();
    void note_states(const char* machine, const char* sql);
    void check_changes();
    void check_totals();
    bool has_expired(const std::string& order);
    void check_anomalies();
    void none_of(const char* sql, const char* rule);

    World& world_;
    RedisServer& redis_;
    LedgerModel& ledger_;
    Coverage& coverage_;
    std::map<std::string, TillOrder> till_orders_;
    std::map<std::string, std::int64_t> sold_;                 ///< Units of held orders, by stock.
    std::map<std::string, std::int64_t> bought_;               ///< Offers held or bought, by "offer buyer".
    std::map<std::string, std::int64_t> sum_;                  ///< Left and sold, by stock, since the till was opened.
    std::map<std::string, std::int64_t> newest_change_;        ///< Of what the show may use up, as the till has decided; by stock.
    std::map<std::string, std::int64_t> first_total_;          ///< By stock.
    std::string till_state_ = "absent", traced_till_;
    std::map<std::string, std::int64_t> ledger_states_;
    std::map<std::string, std::map<std::string, std::string>> states_;  ///< Newest ones in the ledger, by machine and id.
    std::int64_t events_seen_ = 0;
    std::int64_t changes_seen_ = 0;
    std::int64_t refunds_seen_ = 0;
    std::int64_t commits_ = 0;
    bool is_falsified_ = false;
    bool has_after_sales_ = false;
};

}  // namespace livefair::sim
