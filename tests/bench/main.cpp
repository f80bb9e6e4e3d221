#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/log.hpp"
#include "base/random.hpp"
#include "bench/crowd.hpp"
#include "bench/director.hpp"
#include "bench/first.hpp"
#include "bench/replay.hpp"
#include "bench/sale.hpp"
#include "bench/seed.hpp"

namespace {

using namespace livefair;
using namespace livefair::bench;

/// The operator's password is never an argument: anyone on the machine can read those.
std::string operator_password() {
    const char* password = std::getenv("LIVEFAIR_OPERATOR_PASSWORD");
    return password ? password : "";
}

net::Task<Result<>> crowd(CrowdOptions options) {
    const CrowdReport report = co_await run_crowd(std::move(options));
    std::printf(
        "{\"joined\":%ld,\"lost\":%ld,\"events\":%ld,\"chat_lines\":%ld,\"likes\":%ld,\"accepted\":%ld,\"rejected\":%ld,\"unknown\":%ld,"
        "\"paid\":%ld}\n",
        report.joined, report.lost, report.events, report.chat_lines, report.likes, report.accepted, report.rejected, report.unknown,
        report.paid);
    co_return Result<>();
}

net::Task<Result<>> sale(SaleOptions options) {
    Api staff(options.url);
    const auto signed_in = co_await staff.sign_in_staff("operator", operator_password());
    if (!signed_in) co_return signed_in.error();
    const auto prepared = co_await prepare_sale(staff, options);
    if (!prepared) co_return prepared.error();
    auto buyers = co_await gather_buyers(options);
    if (!buyers) co_return buyers.error();
    auto attempts = make_attempts(*buyers, options);
    const auto start = std::chrono::steady_clock::now();
    co_await rush(*buyers, attempts, options.patience);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    for (const auto& [outcome, count] : outcomes_of(attempts)) std::printf("%-16s %ld\n", outcome.c_str(), count);
    std::printf("%zu buyers, each twice, in %ld ms\n", attempts.size(), static_cast<long>(took.count()));
    co_return Result<>();
}

/// Runs one task to its end; 1 when it failed.
int run(net::Task<Result<>> task) {
    net::asio::io_context context(1);
    int status = 1;
    net::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, Result<> outcome) {
        if (error) std::rethrow_exception(error);
        status = outcome ? 0 : 1;
        if (!outcome) std::fprintf(stderr, "livefair-bench: %s\n", outcome.error().message().c_str());
        context.stop();
    });
    context.run();
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Livefair's load: the demo show and its crowd, and measurements from outside. Speaks only the public protocol.");
    app.require_subcommand(1);
    std::string url = "http://127.0.0.1:8080";
    DemoFolder folder;
    CrowdOptions crowd_options{.url = {}, .room = "hunan"};
    SaleOptions sale_options;
    std::int64_t segment_s = 20, crowd_s = 0;
    const auto add = [&](const char* name, const char* text) {
        auto* command = app.add_subcommand(name, text);
        command->add_option("--url", url, "Address of the site")->capture_default_str();
        return command;
    };
    auto* seed_command = add("seed", "Make the demo show (LIVEFAIR_OPERATOR_PASSWORD at the first run) and a new stream key");
    auto* director_command = add("director", "Run the demo show as its host: segments, pins, flash sale");
    for (auto* command : {seed_command, director_command})
        command->add_option("--folder", folder.path, "Folder of the demo's account, stream key and captions")->required();
    director_command->add_option("--segment-seconds", segment_s, "Length of a segment")->capture_default_str();
    auto* crowd_command = add("crowd", "Viewers who chat, like, buy and pay");
    crowd_command->add_option("--room", crowd_options.room, "Room")->capture_default_str();
    crowd_command->add_option("--viewers", crowd_options.viewers, "How many at a time")->capture_default_str();
    crowd_command->add_option("--seconds", crowd_s, "How long; 0: until stopped")->capture_default_str();
    auto* first_command = add("first", "Chat and order latency of a running show");
    first_command->add_option("--room", crowd_options.room, "Room")->capture_default_str();
    auto* sale_command = add("sale", "A flash sale, every buyer at once (LIVEFAIR_OPERATOR_PASSWORD)");
    sale_command->add_option("--buyers", sale_options.buyers, "Buyers")->capture_default_str();
    sale_command->add_option("--boxes", sale_options.boxes, "Stock")->capture_default_str();
    ReplayOptions replay_options;
    std::string scenario;
    auto* replay_command = add("replay", "A past evening once more, faster, and its bulletin beside the ledger (LIVEFAIR_OPERATOR_PASSWORD)");
    replay_command->add_option("scenario", scenario, "Which evening")->required()->check(CLI::IsMember({"hunan"}));
    replay_command->add_option("--ledger", replay_options.ledger, "The server's SQLite file, to recount from")->required()->check(CLI::ExistingFile);
    replay_command->add_option("--speed", replay_options.speed, "So many times as fast as the evening")->check(CLI::Range(1.0, 1000.0))->capture_default_str();
    replay_command->add_option("--buyers", replay_options.buyers, "Buyers")->check(CLI::Range(1, 20'000))->capture_default_str();
    replay_command->add_option("--items", replay_options.items_per_order, "Items of one order")->check(CLI::Range(1, 99))->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    log::start("livefair-bench", "info");
    int status = 1;
    try {
        if (*seed_command) status = run(seed(url, folder, operator_password()));
        if (*director_command) status = run(direct(url, folder, std::chrono::seconds(segment_s)));
        crowd_options.url = sale_options.url = url;
        crowd_options.duration = std::chrono::seconds(crowd_s);
        if (*crowd_command) status = run(crowd(crowd_options));
        if (*first_command) status = run(measure_first(url, crowd_options.room));
        sale_options.name = "sale-" + random_hex(4);
        if (*sale_command) status = run(sale(sale_options));
        replay_options.url = url;
        replay_options.operator_password = operator_password();
        if (*replay_command) status = run(replay_hunan(replay_options));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "livefair-bench: %s\n", error.what());
    }
    log::stop();
    return status;
}
