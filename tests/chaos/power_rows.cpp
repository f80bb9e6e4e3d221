// Power cuts and programs that die between two of their steps.
#include <signal.h>

#include <filesystem>

#include "chaos/rows.hpp"
#include "ledger/order_text.hpp"

namespace livefair::chaos {
namespace {

using namespace std::chrono_literals;

/// The machine that Redis and the server run on goes dark: both are gone at once, and files are as of their last fsync, or a bit more: as `seed` has
/// it; 0: not a bit.
void lose_power(Scene& scene, std::uint64_t seed) {
    scene.history().note("power cut");
    scene.server().signal(SIGKILL);
    scene.redis().kill9();
    scene.kill_server();
    for (const auto& loss : scene.power().strike(seed))
        scene.history().note("lost: " + std::to_string(loss.bytes_cut) + " bytes off the end and " + std::to_string(loss.writes_undone) + " writes within " +
                             std::filesystem::path(loss.file).filename().string());
}

void lose_power(Scene& scene) { lose_power(scene, static_cast<std::uint64_t>(scene.random(1, 1 << 20))); }

/// Orders of the ledger that Redis has forgotten: those newer than all that its stream has.
std::size_t forgotten_by_redis(Scene& scene) {
    const auto newest = scene.command({"XREVRANGE", "{schaos-show}:orders", "+", "-", "COUNT", "1"});
    const auto last = newest.items.empty() ? ledger::StreamId() : ledger::StreamId::parse(newest.items.at(0).items.at(0).text);
    std::size_t count = 0;
    for (const auto& row : ledger_rows(scene.ledger_copy(), "SELECT stream_id FROM orders"))
        if (last < ledger::StreamId::parse(row[0])) ++count;
    return count;
}

void come_back(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.start_server();
    verdicts.push_back(within("I13 sale resumed", scene.wait_ready(), 15s));
    scene.wait_more_answers(40);
}

void power_cut(Scene& scene, std::vector<Verdict>& verdicts) {
    std::size_t forgotten = 0, missing = 0, cuts = 0, accepted = 0;
    for (; cuts < 3; ++cuts) {
        scene.wait_more_answers(50);
        scene.sleep_random(0, 200);
        lose_power(scene);
        accepted = scene.history().accepted();
        missing += accepted_but_missing(scene.history().events(), scene.ledger_copy()).size();
        scene.redis().restart();
        forgotten += forgotten_by_redis(scene);
        come_back(scene, verdicts);
    }
    verdicts.push_back({"Redis `always` forgets nothing", forgotten == 0, std::to_string(forgotten) + " orders of the ledger forgotten in " + std::to_string(cuts) + " cuts"});
    verdicts.push_back({"SQLite FULL loses nothing", missing == 0, std::to_string(missing) + " of " + std::to_string(accepted) + " accepted orders missing right after the cut"});
}

/// The check above can fail: this is what `everysec` loses. The sale is right all the same, for the ledger has what Redis forgot.
void power_cut_everysec(Scene& scene, std::vector<Verdict>& verdicts) {
    std::size_t forgotten = 0;
    for (int i = 0; i < 6 && forgotten == 0; ++i) {
        scene.wait_more_answers(50);
        lose_power(scene);
        scene.redis().restart();
        forgotten = forgotten_by_redis(scene);
        scene.history().note(std::to_string(forgotten) + " orders of the ledger forgotten by Redis");
        come_back(scene, verdicts);
    }
    verdicts.push_back({"Redis `everysec` forgets: the check sees it", forgotten > 0, std::to_string(forgotten) + " orders forgotten"});
}

/// What a ledger that does not sync would lose; Redis' stream has it still, and the projector brings it back.
void power_cut_unsynced(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.stop_server();
    scene.server_environment(scene.power().without_sync(".sqlite3-wal"));
    scene.start_server();
    scene.power().arm();
    scene.history().note("from here on the ledger's syncs do nothing");
    scene.wait_ready();
    scene.wait_more_accepted(60);
    lose_power(scene, 0);
    const auto missing = accepted_but_missing(scene.history().events(), scene.ledger_copy()).size();
    verdicts.push_back({"an unsynced ledger loses: the check sees it", missing > 0, std::to_string(missing) + " of " + std::to_string(scene.history().accepted()) + " accepted orders missing right after the cut"});
    scene.server_environment(scene.power().environment());
    scene.redis().restart();
    come_back(scene, verdicts);
}

void crash_points(Scene& scene, std::vector<Verdict>& verdicts) {
    for (const bool before : {true, false, true, false}) {
        const auto count = scene.random(1, 25);
        const std::string point = std::string(before ? "before" : "after") + " commit " + std::to_string(count) + " of the ledger";
        scene.stop_server();
        scene.server_environment(scene.power().with_crash(".sqlite3-wal", before, count));
        scene.start_server();
        scene.wait_ready();
        scene.power().arm();
        const bool died = scene.server().wait(20s).has_value();
        scene.power().disarm();
        scene.history().note("the server died " + point);
        verdicts.push_back({"F2 died " + point, died, died ? "killed by itself" : "still running"});
        scene.kill_server();
        scene.server_environment(scene.power().environment());
        scene.start_server();
        scene.wait_ready();
        scene.wait_more_answers(20);
    }
}

}  // namespace

std::vector<Row> power_rows() {
    Plan plan;
    plan.power_loss = true;
    plan.stock = 6000;  // Sold out, nothing is committed any more.
    Plan everysec = plan;
    everysec.redis_arguments = {"--appendfsync", "everysec"};
    return {
        {"F2", "livefair-server dies right before and right after a commit of the ledger", plan, crash_points},
        {"F4", "power cuts, with Redis `always` and SQLite FULL as shipped (F4, F5)", plan, power_cut},
        {"F4e", "a power cut with Redis `everysec`: losses are seen, and mended from the ledger", everysec, power_cut_everysec},
        {"F5", "a power cut with a ledger that does not sync: losses are seen, and mended from Redis' stream", plan, power_cut_unsynced},
    };
}

}  // namespace livefair::chaos
