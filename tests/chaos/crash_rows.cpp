// Programs that die, or are not there.
#include <algorithm>
#include <filesystem>

#include "chaos/rows.hpp"

namespace livefair::chaos {
namespace {

using namespace std::chrono_literals;

/// I12: who asks is not told that all is well while nothing can be sold.
Verdict not_ready(Scene& scene) {
    bool told = test::eventually([&] { return scene.ready() != 200; }, 5s);
    return {"I12 /ready says so", told, told ? "not ready during the fault" : "200 during the fault"};
}

void kill_gateway(Scene& scene, std::vector<Verdict>& verdicts) {
    for (int i = 0; i < 2; ++i) {
        scene.wait_more_answers(60);
        scene.sleep_random(0, 300);
        scene.history().note("kill -9 of livefair-server");
        scene.kill_server();
        scene.sleep_random(0, 500);
        const auto begun = std::chrono::steady_clock::now();
        scene.start_server();
        scene.history().note("livefair-server started again");
        scene.wait_ready();
        // 2 s on a quiet machine; tests share theirs.
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
        verdicts.push_back(within("I13 restart of the server", took, 10s));
    }
    scene.wait_more_answers(60);
}

void kill_redis(Scene& scene, std::vector<Verdict>& verdicts) {
    for (int i = 0; i < 2; ++i) {
        scene.wait_more_answers(60);
        scene.sleep_random(0, 300);
        scene.history().note("kill -9 of Redis");
        scene.redis().kill9();
        verdicts.push_back(not_ready(scene));
        scene.sleep_random(0, 1000);
        scene.redis().restart();
        scene.history().note("Redis started again on its append-only file");
        verdicts.push_back(within("I13 sale resumed", scene.wait_ready(), 10s));
    }
    scene.wait_more_answers(60);
}

void lose_volume(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.wait_more_answers(60);
    scene.history().note("kill -9 of Redis, its folder emptied");
    scene.redis().kill9();
    for (const auto& entry : std::filesystem::directory_iterator(scene.redis().folder().path())) std::filesystem::remove_all(entry.path());
    scene.redis().restart();
    scene.history().note("Redis started again, empty");
    verdicts.push_back(within("I13 rebuilt from the ledger", scene.wait_ready(), 10s));
    scene.wait_more_answers(60);
}

void flush_all(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.wait_more_answers(60);
    scene.history().note("FLUSHALL");
    scene.command({"FLUSHALL"});
    verdicts.push_back(within("I13 rebuilt from the ledger", scene.wait_ready(), 10s));
    scene.wait_more_answers(60);
    scene.history().note("the till and the orders stream are of another type");
    scene.command({"DEL", "{schaos-show}:till", "{schaos-show}:orders"});
    scene.command({"SET", "{schaos-show}:till", "x"});
    scene.command({"SET", "{schaos-show}:orders", "x"});
    scene.sleep(1s);
    scene.command({"FLUSHALL"});
    scene.history().note("FLUSHALL by the operator who saw it");
    scene.wait_ready();
    scene.wait_more_answers(20);
}

/// Answers "unknown" to orders since then.
std::size_t unknown_since(const History& history, std::int64_t ms) {
    const auto events = history.events();
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [&](const Event& event) { return event.ms >= ms && event.what == "place" && event.outcome == "unknown"; }));
}

/// For so long nothing is accepted, and buyers are told that nobody knows. What was decided before has a second to be committed and answered.
void no_sale_for(Scene& scene, std::vector<Verdict>& verdicts, std::chrono::milliseconds time) {
    const auto& history = scene.history();
    scene.sleep(1s);
    const auto begun_ms = history.now_ms();
    const auto accepted = history.accepted();
    scene.sleep(time);
    const auto more = history.accepted() - accepted, unknown = unknown_since(history, begun_ms);
    verdicts.push_back({"I12 nothing accepted meanwhile", more == 0, std::to_string(more) + " accepted"});
    verdicts.push_back({"buyers are told that nobody knows", unknown > 0, std::to_string(unknown) + " answers unknown"});
}

void out_of_memory(Scene& scene, std::vector<Verdict>& verdicts) {
    auto& history = scene.history();
    const auto write = [&] { return scene.command({"SET", "a-key-of-this-row", "x", "PX", "1"}); };
    scene.wait_more_answers(60);
    history.note("CONFIG SET maxmemory 1mb: Redis refuses every write");
    scene.command({"CONFIG", "SET", "maxmemory", "1mb"});
    const auto refused = write();
    verdicts.push_back({"Redis refuses a write", refused.is_error() && refused.text.starts_with("OOM"), refused.text});
    no_sale_for(scene, verdicts, std::chrono::milliseconds(scene.random(1500, 2500)));
    const auto ready = scene.ready();
    verdicts.push_back({"I12 /ready is not 200", ready != 200, std::to_string(ready)});
    const auto evicted = scene.command({"INFO", "stats"}).text;
    verdicts.push_back({"I12 nothing evicted", evicted.find("evicted_keys:0") != std::string::npos, "evicted_keys:0"});
    scene.command({"CONFIG", "SET", "maxmemory", "0"});
    history.note("memory again");
    const auto taken = write();
    verdicts.push_back({"Redis takes a write again", !taken.is_error(), taken.text});
    scene.wait_ready();
    scene.wait_more_accepted(20);
    scene.wait_more_answers(60);
}

/// The ledger's database is away for `down`: what the till decides meanwhile nobody is told, and it is told when the ledger has it.
void lose_ledger(Scene& scene, std::vector<Verdict>& verdicts, std::chrono::seconds down) {
    auto& history = scene.history();
    scene.wait_more_answers(60);
    scene.sleep_random(0, 300);
    history.note("PostgreSQL is stopped (SIGQUIT)");
    scene.postgres().stop();
    verdicts.push_back(not_ready(scene));
    no_sale_for(scene, verdicts, down);
    scene.postgres().restart();
    history.note("PostgreSQL is started again");
    verdicts.push_back(within("I13 sale resumed", scene.wait_ready(), 10s));
    scene.wait_more_accepted(60);
}

}  // namespace

std::vector<Row> crash_rows() {
    Plan usual;
    usual.stock = 400;
    Plan on_postgres = usual;
    on_postgres.postgres = true;
    return {
        {"F1", "livefair-server is killed in the middle of a sale, twice", usual, kill_gateway},
        {"F3", "Redis is killed in the middle of a sale, twice (AOF always)", usual, kill_redis},
        {"F6", "Redis comes back without its volume", usual, lose_volume},
        {"F7", "FLUSHALL, and keys of the wrong type", usual, flush_all},
        {"F8", "Redis has no memory left", usual, out_of_memory},
        {"F18", "PostgreSQL is down for five seconds", on_postgres, [](Scene& scene, auto& verdicts) { lose_ledger(scene, verdicts, 5s); }},
        {"F18m", "PostgreSQL is down for five minutes", on_postgres, [](Scene& scene, auto& verdicts) { lose_ledger(scene, verdicts, 5min); }, false},
    };
}

}  // namespace livefair::chaos
