// Primaries that die or are cut off, under Redis Sentinel.
#include <algorithm>
#include <set>

#include "chaos/rows.hpp"
#include "support/redis_sentinels.hpp"

namespace livefair::chaos {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

std::size_t accepted_since(Scene& scene, std::int64_t from_ms) {
    const auto history = scene.history().events();
    return static_cast<std::size_t>(std::count_if(history.begin(), history.end(), [&](const Event& event) { return event.outcome == "accepted" && event.what == "place" && event.ms >= from_ms; }));
}

/// The longest time without an accepted order, from `from_ms` on.
milliseconds longest_pause(Scene& scene, std::int64_t from_ms) {
    std::int64_t last = from_ms, longest = 0;
    for (const auto& event : scene.history().events()) {
        if (event.ms < from_ms || event.outcome != "accepted" || event.what != "place") continue;
        longest = std::max(longest, event.ms - last);
        last = event.ms;
    }
    return milliseconds(longest);
}

/// Another server than `old` is the primary, by two sentinels of three.
void wait_for_failover(Scene& scene, std::size_t old) {
    std::size_t now = old;
    const auto changed = [&] {
        try {
            now = scene.group().primary();
        } catch (const std::runtime_error&) {
        }
        return now != old;
    };
    if (!test::eventually(changed, 20s)) throw std::runtime_error("no failover");
    scene.history().note("server " + std::to_string(now) + " is the primary by two sentinels of three");
}

void wait_for_one_primary(Scene& scene) {
    if (!test::eventually([&] { return scene.group().primaries().size() == 1; }, 30s)) throw std::runtime_error("two servers call themselves primaries");
    scene.history().note("one primary again");
}

/// What the issue asks to be printed.
void report(Scene& scene, std::vector<Verdict>& verdicts, std::int64_t from_ms, milliseconds limit) {
    (void)scene.end();
    const auto history = scene.history().events();
    std::set<std::string> accepted;
    for (const auto& event : history)
        if (event.what == "place" && event.outcome == "accepted") accepted.insert(event.order);
    const auto missing = accepted_but_missing(history, scene.ledger_copy());
    verdicts.push_back({"accepted and missing from the ledger", missing.empty(), std::to_string(missing.size()) + " of " + std::to_string(accepted.size())});
    verdicts.push_back(within("I13 sale paused, and resumed by itself", longest_pause(scene, from_ms), limit));
}

void primary_dies(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.wait_more_answers(60);
    const auto from = scene.history().now_ms();
    scene.history().note("kill -9 of the primary");
    scene.group().server(0).kill9();
    wait_for_failover(scene, 0);
    scene.wait_ready();
    scene.wait_more_answers(40);
    scene.history().note("the old primary comes back");
    scene.group().server(0).start();
    wait_for_one_primary(scene);
    scene.wait_more_answers(40);
    report(scene, verdicts, from, 10s);
}

/// Cuts the machine of the primary off. `stays`: who is on the other side goes on selling there.
void cut_off(Scene& scene, std::vector<Verdict>& verdicts, bool stays) {
    scene.wait_more_answers(60);
    const auto from = scene.history().now_ms();
    scene.history().note("the machine of the primary is cut off from the others");
    scene.machines().cut(0);
    wait_for_failover(scene, 0);
    const auto failed_over = scene.history().now_ms();
    scene.sleep_random(3000, 4000);
    scene.history().note(std::to_string(accepted_since(scene, failed_over)) + " orders accepted since the failover; " + std::to_string(scene.group().primaries().size()) +
                         " servers call themselves primaries");
    if (stays) verdicts.push_back({"the majority sells on", accepted_since(scene, failed_over) > 0, std::to_string(accepted_since(scene, failed_over)) + " accepted"});
    scene.machines().mend(0);
    scene.history().note("the cable is back");
    wait_for_one_primary(scene);
    scene.wait_ready();
    scene.wait_more_answers(40);
    // The cut itself lasts as long as it lasts for those who are in it.
    report(scene, verdicts, stays ? from : scene.history().now_ms(), 10s);
}

constexpr const char* till = "{schaos-show}:till";

void primary_of_cluster_dies(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.wait_more_answers(60);
    const auto from = scene.history().now_ms();
    const auto killed = scene.cluster().primary_of(till);
    scene.history().note("kill -9 of the primary of the till's slot");
    scene.cluster().server(killed).kill9();
    if (!test::eventually([&] { return scene.cluster().primary_of(till) != killed; }, 20s)) throw std::runtime_error("no failover");
    scene.history().note("server " + std::to_string(scene.cluster().primary_of(till)) + " has the till's slot");
    scene.wait_ready();
    scene.wait_more_answers(40);
    scene.history().note("the old primary comes back");
    scene.cluster().server(killed).restart();
    scene.wait_more_answers(40);
    report(scene, verdicts, from, 10s);
}

void slots_move(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.wait_more_answers(60);
    const auto from = scene.history().now_ms();
    for (int i = 0; i < 3; ++i) {
        const auto to = scene.cluster().move_slot_of(till);
        scene.history().note("the till's slot has moved, key by key, to server " + std::to_string(to));
        scene.wait_ready();
        scene.wait_more_answers(40);
        scene.sleep_random(0, 300);
    }
    report(scene, verdicts, from, 10s);
}

}  // namespace

std::vector<Row> failover_rows() {
    Plan dies;
    dies.redis = Plan::Redis::sentinels;
    dies.stock = 6000;
    Plan minority = dies;
    minority.redis = Plan::Redis::machines;
    minority.settings = {{"LIVEFAIR_REDIS_REPLICAS_MIN", "1"}};
    Plan alone = minority;
    alone.settings.clear();
    Plan majority = alone;
    majority.server_machine = 1;
    majority.gateways = 1;
    majority.habits.http = majority.habits.cancel = majority.habits.pay = 0;
    Plan cluster = dies;
    cluster.redis = Plan::Redis::cluster;
    const auto paused = [](Scene& scene, std::vector<Verdict>& verdicts) { cut_off(scene, verdicts, false); };
    const auto goes_on = [](Scene& scene, std::vector<Verdict>& verdicts) { cut_off(scene, verdicts, true); };
    return {
        {"F11", "Sentinel failover: the primary is killed, and comes back", dies, primary_dies},
        {"F13", "a Redis Cluster of six: the primary of the till's slot is killed, and comes back", cluster, primary_of_cluster_dies},
        {"F13m", "a Redis Cluster of six: the till's slot moves to another primary, three times", cluster, slots_move},
        {"F12", "the primary, the server with the ledger and its buyers are cut off (replicas_min 1)", minority, paused, false},
        {"F12a", "the same without waiting for replicas: the minority sells on, by its ledger", alone, paused, false},
        {"F12m", "the primary, a gateway and its buyers are cut off; the ledger is with the majority", majority, goes_on, false},
    };
}

}  // namespace livefair::chaos
