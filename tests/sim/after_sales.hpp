#pragma once

#include <map>
#include <optional>
#include <string>

#include "ledger/database.hpp"
#include "ledger/fulfilment.hpp"
#include "ledger/refunds.hpp"
#include "net/task.hpp"

namespace livefair::sim {

class Simulation;
struct GatewayParts;

/// What people do with paid orders: staff packs and ships them, buyers and staff ask for refunds of all or a part, a second person decides on
/// the large ones. Who asks for a refund asks again with the same id, at any gateway, until there is an answer.
class AfterSales {
public:
    explicit AfterSales(Simulation& simulation) : simulation_(simulation) {}

    /// Not on every evening.
    void begin();
    bool is_open() const { return is_open_; }
    /// Something that one of them does now.
    void act();
    /// Empty: everybody has an answer, and what follows from it is done.
    std::string waits_for() const;
    /// What was answered, against what the ledger has: for the end, when all is at rest.
    void check_answers();

private:
    struct Asked {
        ledger::RefundWish wish;
        std::string answer;  ///< The final one.
    };

    std::optional<ledger::Row> some_row(const char* sql);
    void take_step();
    void wish();
    void misuse_id();
    void decide();
    void ask(const ledger::RefundWish& wish);
    void ask_again_later(const std::string& id);
    net::Task<> take_step(GatewayParts& gateway, ledger::Step step);
    net::Task<> wish_refund(GatewayParts& gateway, ledger::RefundWish wish);
    net::Task<> decide_refund(GatewayParts& gateway, ledger::RefundDecision decision);
    void answered(const ledger::RefundWish& wish, const Result<ledger::RefundAnswer>& answer);
    void check_taken(const ledger::RefundWish& wish);

    Simulation& simulation_;
    std::map<std::string, Asked> wishes_;
    bool is_open_ = false;
};

}  // namespace livefair::sim
