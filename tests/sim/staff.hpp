#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "ledger/allocations.hpp"
#include "net/task.hpp"

namespace livefair::v1 {
class Offer;
}

namespace livefair::sim {

class Simulation;
struct GatewayParts;

/// Who runs the sale: opens and closes offers, changes their price and terms, gives the show more of a stock or a fund and takes it back, ends
/// the show. Like buyers, they ask again with the same id, at any gateway, until they have an answer; some press a button twice.
class Staff {
public:
    explicit Staff(Simulation& simulation) : simulation_(simulation) {}

    /// What they do tonight: not everything on every evening.
    void begin();
    bool moves_allocations() const { return moves_allocations_; }
    /// Something that one of them does now.
    void act();
    /// Empty: everybody has an answer.
    std::string waits_for() const;
    /// What was answered, against what the ledger has: for the end, when all is at rest.
    void check_answers();

private:
    struct Asked {
        ledger::ChangeRequest request;
        std::string answer;  ///< The final one.
    };

    void end_show();
    void ask_for_end();
    net::Task<> end_at(GatewayParts& gateway);
    void operate();
    net::Task<> set_offer(GatewayParts& gateway, std::string offer, bool is_open, std::int64_t duration_ms);

    void change_terms();
    net::Task<> change_offer(GatewayParts& gateway, v1::Offer offer);

    void change_allocation();
    void misuse_id();
    void ask(const ledger::ChangeRequest& request);
    void ask_again_later(const std::string& id);
    net::Task<> change(GatewayParts& gateway, ledger::ChangeRequest request);
    void answered(const ledger::ChangeRequest& request, const Result<ledger::ChangeAnswer>& answer);
    void check_change(const ledger::ChangeRequest& request, const std::string& answer);

    Simulation& simulation_;
    bool moves_allocations_ = false;
    bool changes_terms_ = false;
    bool is_over_ = false;
    bool is_end_heard_ = false;
    std::map<std::string, Asked> changes_;
};

}  // namespace livefair::sim
