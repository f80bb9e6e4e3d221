// Redis that is slow, silent, or cut off in the midst of a word; a host who can't decide.
#include "chaos/rows.hpp"

namespace livefair::chaos {
namespace {

using namespace std::chrono_literals;

Verdict not_ready_within(Scene& scene, std::chrono::milliseconds limit) {
    const auto begun = std::chrono::steady_clock::now();
    const bool told = test::eventually([&] { return scene.ready() != 200; }, 15s);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    auto verdict = within("I12 /ready says so", took, limit);
    verdict.holds &= told;
    return verdict;
}

void slow_redis(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.wait_more_answers(40);
    scene.history().note("Redis answers 300 ms late");
    scene.redis_wire().delay_replies(300ms);
    scene.wait_more_answers(20);
    scene.history().note("Redis answers 1.5 s late: after every deadline");
    scene.redis_wire().delay_replies(1500ms);
    scene.sleep_random(3000, 4000);
    scene.redis_wire().delay_replies(0ms);
    scene.history().note("Redis answers at once");
    scene.wait_ready();
    scene.wait_more_answers(40);
    scene.history().note("Redis stops (SIGSTOP)");
    scene.redis().pause();
    verdicts.push_back(not_ready_within(scene, 5s));
    scene.sleep_random(2000, 3000);
    scene.redis().resume();
    scene.history().note("Redis goes on");
    verdicts.push_back(within("I13 sale resumed", scene.wait_ready(), 10s));
    scene.wait_more_answers(40);
}

void cut_in_a_word(Scene& scene, std::vector<Verdict>&) {
    for (int i = 0; i < 8; ++i) {
        scene.wait_more_answers(15);
        const auto bytes = scene.random(1, 400);
        scene.history().note("connections to Redis break " + std::to_string(bytes) + " bytes later");
        scene.redis_wire().break_after(bytes);
        scene.sleep_random(50, 400);
    }
    scene.wait_ready();
    scene.wait_more_answers(40);
}

void black_hole(Scene& scene, std::vector<Verdict>& verdicts) {
    scene.wait_more_answers(40);
    scene.history().note("nothing passes between the server and Redis, and nobody is told");
    scene.redis_wire().cut();
    // A command is unknown after 1 s; /ready waits for one, and then for the ledger.
    verdicts.push_back(not_ready_within(scene, 5s));
    scene.sleep_random(3000, 5000);
    scene.redis_wire().mend();
    scene.history().note("it passes again");
    verdicts.push_back(within("I13 sale resumed", scene.wait_ready(), 10s));
    scene.wait_more_answers(40);
}

void undecided_host(Scene& scene, std::vector<Verdict>& verdicts) {
    int turns = 0;
    for (; turns < 12; ++turns) {
        scene.sleep_random(50, 200);
        for (const auto& offer : scene.shelf().offers) {
            const auto path = "/api/v1/shows/" + scene.shelf().show + "/offers/" + offer.id;
            if (turns % 2 == 0) scene.staff("POST", path + "/close", "");
            else scene.staff("POST", path + "/open", R"({"durationMs":"3600000"})");
        }
    }
    scene.history().note("the host closed and opened both offers " + std::to_string(turns / 2) + " times");
    scene.wait_more_answers(40);
    std::size_t closed = 0;
    for (const auto& event : scene.history().events()) closed += event.reason == "CLOSED" ? 1 : 0;
    verdicts.push_back({"buyers met closed offers", closed > 0, std::to_string(closed) + " answers"});
}

}  // namespace

std::vector<Row> wire_rows() {
    Plan usual;
    usual.stock = 600;
    Plan wired = usual;
    wired.wire_to_redis = true;
    return {
        {"F9", "Redis answers late, then not at all for some seconds", wired, slow_redis},
        {"F10", "connections to Redis break in the midst of a reply", wired, cut_in_a_word},
        {"F14", "a black hole between the server and Redis", wired, black_hole},
        {"F57", "the host closes and opens the offers under the buyers' hands", usual, undecided_host},
    };
}

}  // namespace livefair::chaos
