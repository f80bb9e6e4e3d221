#pragma once

#include <array>
#include <memory>
#include <string>

#include "ledger/ledger.hpp"
#include "sim/after_sales.hpp"
#include "sim/checks.hpp"
#include "sim/coverage.hpp"
#include "sim/crowd.hpp"
#include "sim/ledger_model.hpp"
#include "sim/plants.hpp"
#include "sim/programs.hpp"
#include "sim/redis_server.hpp"
#include "sim/staff.hpp"
#include "sim/stale_primary.hpp"
#include "sim/world.hpp"

namespace livefair::sim {

struct RunOptions {
    std::uint64_t seed = 1;
    std::int64_t steps = 1000;  ///< Of the chaos; healing comes on top.
    Plant plant = Plant::none;
    bool is_traced = false;
};

/// One run: gateways, the ledger's program, Redis, buyers, payers and operators, all by one seed. First chaos, in which
/// only safety is checked; then everything is repaired, and all must come to rest with till and ledger equal.
class Simulation {
public:
    /// `library` must hold the till's functions. One at a time.
    Simulation(const RunOptions& options, LuaLibrary& library, ledger::Database& database, Coverage& coverage);
    ~Simulation();
    static Simulation& current();

    /// Empty: no rule was broken.
    std::string run();
    std::int64_t steps() const { return world_.steps(); }

    RedisServer& redis() { return redis_; }
    StalePrimary& stale_primary() { return stale_primary_; }
    LedgerModel& ledger() { return ledger_; }
    World& world() { return world_; }
    Coverage& coverage() { return coverage_; }
    Checks& checks() { return checks_; }
    Staff& staff() { return staff_; }
    AfterSales& after_sales() { return after_sales_; }
    /// Null while it is down.
    GatewayParts* gateway(std::size_t index) { return gateways_[index].parts; }
    GatewayParts* any_gateway();
    /// Called for each reply that a client gets.
    void on_reply(Process& process, const redis::Reply& reply);

private:
    static constexpr std::size_t gateway_count = 2;
    void set_up();
    void plan_misfortune();
    void misfortune();
    void strike();
    void fail_over(bool is_cut_off);
    void falsify();
    void revive_all();
    void kill_gateways();
    void kill_ledger_program();
    bool is_at_rest();
    std::string why_restless();
    void check_offers();
    void heal();
    void reconcile();
    net::Task<> rebuild();

    RunOptions options_;
    Coverage& coverage_;
    World world_;
    RedisServer redis_;
    StalePrimary stale_primary_;
    LedgerModel ledger_;
    ledger::Ledger product_ledger_;
    Checks checks_;
    Crowd crowd_;
    Staff staff_;
    AfterSales after_sales_;
    ProviderBooks provider_;
    std::unique_ptr<commerce::SoldOutBook> sold_out_;  ///< Of the program that both gateways are shards of.
    std::array<Program<GatewayParts>, gateway_count> gateways_;
    Program<LedgerParts> ledger_program_;
    std::int64_t misfortune_every_ms_ = 0;
    std::int64_t favourite_ = -1;  ///< Of strike(): some evenings have much of one misfortune.
    bool is_put_right_ = true;  ///< What somebody falsified in Redis, by a rebuild.
    bool is_healing_ = false;
    bool has_falsifier_ = false;  ///< Somebody writes to Redis by hand.
};

}  // namespace livefair::sim
