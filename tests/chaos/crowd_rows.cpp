// Many at once, and answers that do not arrive.
#include <set>

#include "chaos/rows.hpp"

namespace livefair::chaos {
namespace {

using namespace std::chrono_literals;

/// Until everybody has had all orders answered.
void only_wait(Scene& scene, std::vector<Verdict>&) {
    const auto& plan = scene.plan();
    // Twice: an order that was sent twice has two answers.
    scene.wait_answers(2 * static_cast<std::size_t>(plan.buyers * plan.habits.orders_max));
}

Verdict sold_exactly(Scene& scene, std::int64_t stock) {
    std::int64_t boxes = 0;
    std::set<std::string> counted;
    for (const auto& event : scene.history().events())
        if (event.outcome == "accepted" && counted.insert(event.order).second) boxes += event.quantity;
    return {"exactly the stock", boxes == stock, std::to_string(boxes) + " accepted of " + std::to_string(stock)};
}

void herd(Scene& scene, std::vector<Verdict>& verdicts) {
    only_wait(scene, verdicts);
    (void)scene.end();
    verdicts.push_back(sold_exactly(scene, scene.plan().stock));
}

void mute_replies(Scene& scene, std::vector<Verdict>&) {
    for (int i = 0; i < 4; ++i) {
        scene.wait_more_answers(20);
        scene.history().note("the server's answers get lost on their way to buyers");
        scene.server_wire().swallow_replies(true);
        scene.sleep_random(300, 900);
        scene.server_wire().reset();
        scene.server_wire().swallow_replies(false);
        scene.history().note("connections broken; answers arrive again");
    }
    scene.wait_more_answers(20);
}

}  // namespace

std::vector<Row> crowd_rows() {
    Plan herd_plan;
    herd_plan.buyers = 5000;
    herd_plan.stock = 100;
    herd_plan.limit = 1;
    herd_plan.gateways = 3;
    // One order of one box each, of either offer, and nothing given back, so that all boxes must go.
    herd_plan.habits = {.http = 10, .twice = 30, .again = 0, .conflict = 0, .cancel = 0, .pay = 0, .think_ms = 0, .orders_max = 1, .quantity_max = 1};
    Plan doubles;
    doubles.buyers = 8;
    doubles.stock = 100;
    doubles.limit = 3;
    doubles.gateways = 3;
    doubles.habits = {.http = 30, .twice = 100, .again = 100, .conflict = 30, .cancel = 0, .pay = 10, .think_ms = 5, .orders_max = 40};
    Plan muted;
    muted.wire_to_server = true;
    muted.stock = 400;
    muted.habits.answer_deadline = 1500ms;
    return {
        {"F38", "5,000 buyers at once for 100 boxes over four programs", herd_plan, herd},
        {"F40", "every order sent twice at once and again, many ids of one buyer, over four programs", doubles, only_wait},
        {"F41", "answers get lost on their way to buyers", muted, mute_replies},
    };
}

}  // namespace livefair::chaos
