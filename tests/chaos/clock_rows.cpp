// The server's wall clock jumps; Redis', and that of another gateway, do not.
#include "base/clock.hpp"
#include "chaos/rows.hpp"

namespace livefair::chaos {
namespace {

using namespace std::chrono_literals;

std::int64_t number(Scene& scene, const std::string& sql) { return std::stoll(ledger_rows(scene.ledger_copy(), sql).at(0).at(0)); }

/// How far the server is ahead of us, by the time it notes in the ledger when it is asked whether it is ready.
std::chrono::seconds seconds_ahead(Scene& scene) {
    scene.wait_ready();
    return std::chrono::seconds((number(scene, "SELECT at_ms FROM heartbeat") - system_clock().unix_ms()) / 1000);
}

void clock_jumps(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.wait_more_answers(60);
    const auto tokens = number(scene, "SELECT sum(token) FROM leases");
    for (const auto offset : {3600s, -3600s, 0s}) {
        scene.clock().set(offset);
        scene.history().note("the server's clock is off by " + std::to_string(offset.count()) + " s");
        const auto ahead = seconds_ahead(scene);
        verdicts.push_back({"the clock did jump", ahead > offset - 60s && ahead < offset + 60s, std::to_string(ahead.count()) + " s ahead"});
        // A lease lasts some seconds: what the jump does to it shows after that.
        scene.sleep_random(6000, 8000);
        const auto accepted = scene.history().accepted();
        scene.wait_more_answers(60);
        verdicts.push_back({"the sale goes on", scene.history().accepted() > accepted, std::to_string(scene.history().accepted() - accepted) + " more accepted"});
    }
    (void)scene.end();
    std::size_t closed = 0;
    for (const auto& event : scene.history().events()) closed += event.reason == "CLOSED" || event.reason == "NOT_OPEN" ? 1 : 0;
    verdicts.push_back({"the offers stay open for their hour", closed == 0, std::to_string(closed) + " told that they are closed"});
    const auto expired = number(scene, "SELECT count(*) FROM orders WHERE state = 3");
    verdicts.push_back({"no hold of ten minutes has ended", expired == 0, std::to_string(expired) + " orders expired"});
    const auto tokens_now = number(scene, "SELECT sum(token) FROM leases");
    verdicts.push_back({"no lease lost or taken again", tokens_now == tokens, "tokens " + std::to_string(tokens) + ", now " + std::to_string(tokens_now)});
}

}  // namespace

std::vector<Row> clock_rows() {
    Plan plan;
    plan.stock = 6000;
    // So that accepted orders come until the end.
    plan.limit = 99;
    plan.habits.think_ms = 400;
    // The sandbox is a part of the server: an hour ahead it takes no money for holds that end in ten minutes.
    plan.habits.pay = 0;
    plan.clock_jumps = true;
    plan.gateways = 1;
    return {{"F39", "the server's clock jumps an hour ahead, two back, and to the right time", plan, clock_jumps}};
}

}  // namespace livefair::chaos
