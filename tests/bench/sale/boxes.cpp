#include <cstdio>
#include <map>
#include <stdexcept>
#include <thread>

#include "bench/many_descriptors.hpp"
#include "bench/sale/batches.hpp"
#include "bench/sale/crowd.hpp"
#include "bench/sale/measurements.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr double seconds_goal = 8, bytes_goal = 600, sold_out_factor = 5;

double seconds_since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

/// What Redis was asked in a while, but for our own INFO.
std::map<std::string, std::int64_t> calls_since(const std::string& redis, const std::map<std::string, std::int64_t>& before) {
    auto calls = redis_calls(redis);
    for (const auto& [name, count] : before) calls[name] -= count;
    std::erase_if(calls, [](const auto& each) { return each.second == 0 || each.first == "info"; });
    return calls;
}

std::string text_of(const std::map<std::string, std::int64_t>& calls) {
    std::string text;
    for (const auto& [name, count] : calls) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
    return text.empty() ? "none" : text;
}

}  // namespace

void measure_boxes(const SaleBenchOptions& options) {
    allow_many_descriptors();
    Market market(static_cast<std::size_t>(options.crowd));
    // Buyers who have bought before: what a first order costs (session and address read from the ledger) is no matter of the flash sale.
    market.add_sale("before", options.crowd, 1);
    Crowd warm(market, "before", market.buyers());
    market.open("before");
    warm.rush(market.buyers(), [&] { return warm.counts().accepted + warm.counts().rejected + warm.counts().sold_out >= options.crowd; });

    market.add_sale("boxes", options.boxes, 99);
    Crowd crowd(market, "boxes", market.buyers());
    std::this_thread::sleep_for(1s);
    const double bytes_before = redis_info(market.redis(), "memory", "used_memory");
    const auto begun = Clock::now();
    market.open("boxes");
    crowd.rush(market.buyers(), [&] { return crowd.counts().sold_out >= options.crowd / 10 || seconds_since(begun) > 120; });
    const double seconds = std::chrono::duration<double>(crowd.last_accepted() - begun).count();
    const auto accepted = crowd.counts().accepted;
    std::this_thread::sleep_for(2s);
    const double bytes = (redis_info(market.redis(), "memory", "used_memory") - bytes_before) / static_cast<double>(accepted);
    const auto rows = market.ledger_number("SELECT count(*) FROM orders WHERE show_id = 'boxes-show'");
    if (rows != accepted || accepted != options.boxes)
        throw std::runtime_error(std::to_string(accepted) + " of " + std::to_string(options.boxes) + " boxes were accepted, the ledger has " + std::to_string(rows));
    const double rate = static_cast<double>(accepted) / seconds;
    const auto ms = crowd.ms();

    auto before = redis_calls(market.redis());
    std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
    const auto idle = calls_since(market.redis(), before);
    // The first answers come from the till, until the server has read the ids of all orders of the offer.
    const auto learned = Clock::now() + 1s;
    crowd.rush(market.buyers(), [&] { return Clock::now() >= learned; });
    crowd.begin();
    before = redis_calls(market.redis());
    const auto batches = Batches::parse(market.metrics());
    const auto sold_out_begun = Clock::now();
    crowd.rush(market.buyers(), [&] { return seconds_since(sold_out_begun) >= options.seconds; });
    const double sold_out_seconds = seconds_since(sold_out_begun);
    const double answers = static_cast<double>(crowd.counts().sold_out) / sold_out_seconds;
    const auto busy = calls_since(market.redis(), before);
    const double looks = Batches::parse(market.metrics()).since(batches).count();
    const bool only_looks = looks <= sold_out_seconds + 1;

    std::printf("\nA flash sale: %d boxes, %d buyers with one order under way each, from the host's \"open\" to the last box accepted; then fresh orders of the same buyers on the sold-out offer\n"
                "for %d s. Memory: growth of Redis' used_memory over the %ld orders, two seconds after, stream untrimmed.\n\n"
                "| | | goal | |\n|---|---|---|---|\n"
                "| %d boxes gone | %.1f s, %ld accepted | <= %.0f s | %s |\n"
                "| memory for each order in Redis | %.0f bytes | <= %.0f | %s |\n"
                "| \"sold out\" answers | %.0f/s, %.1f x this sale's %.0f orders/s | >= %.0f x | %s |\n"
                "| calls of the till meanwhile | %.0f for %ld answers: the look of each second | none but that | %s |\n",
                options.boxes, options.crowd, options.seconds, static_cast<long>(accepted), options.boxes, seconds, static_cast<long>(accepted), seconds_goal,
                seconds <= seconds_goal ? "met" : "NOT MET", bytes, bytes_goal, bytes <= bytes_goal ? "met" : "NOT MET", answers, answers / rate, rate, sold_out_factor,
                answers >= sold_out_factor * rate ? "met" : "NOT MET", looks, static_cast<long>(crowd.counts().sold_out), only_looks ? "met" : "NOT MET");
    std::printf("\nAnswers of the sale: p50 %.0f ms, p99 %.0f ms. Redis was asked in %d s: %s; while nobody bought: %s.\n", ms.quantile(0.5), ms.quantile(0.99), options.seconds,
                text_of(busy).c_str(), text_of(idle).c_str());
}

}  // namespace livefair::bench
