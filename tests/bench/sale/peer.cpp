#include "bench/sale/peer.hpp"

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench/sale/market.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace livefair::bench {
namespace {

using Clock = std::chrono::steady_clock;

redis::Reply ask(const test::RedisServer& server, redis::Client::Command command) {
    net::asio::io_context context;
    redis::Client client(context.get_executor(), server.options());
    client.start();
    auto reply = test::run_task(context, client.command(std::move(command)));
    client.stop();
    if (!reply) throw std::runtime_error("the peer's Redis: " + reply.error().message());
    return *reply;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("can't read " + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void benchmark(const test::RedisServer& server, std::int64_t count) {
    test::Process::Options options;
    options.command = {"redis-benchmark", "-s",     server.socket(), "-c",        "50",       "-P",           "16",        "-r",     "100000000",
                       "-n",              std::to_string(count),     "-q",        "FCALL",    "place3",       "5",         "{s1}:sale", "{s1}:limit",
                       "{s1}:order:__rand_int__", "{s1}:holds",      "{s1}:orders", "__rand_int__", "__rand_int__", "1", "address-100001"};
    options.output_file = server.folder().file("benchmark.out");
    test::Process process(options);
    if (process.wait(std::chrono::seconds(120)) != 0) throw std::runtime_error("redis-benchmark: " + process.output());
}

}  // namespace

PeerFigures run_peer(const std::string& library, int seconds) {
    test::RedisServer server;
    ask(server, {"FUNCTION", "LOAD", read_file(library)});
    ask(server, {"HSET", "{s1}:sale", "open", "0", "close", "9000000000000000", "price", "2990", "limit", "99", "sub", "0", "hold", "900000", "stock",
                 "1000000000", "pool", "0", "orders", "0", "units", "0", "amt", "0"});
    const auto placed = [&] { return ask(server, {"XLEN", "{s1}:orders"}).integer; };
    const auto cpu = [&] { return redis_info(server.socket(), "cpu", "used_cpu_user") + redis_info(server.socket(), "cpu", "used_cpu_sys"); };
    const auto timed = [&](std::int64_t count) {
        PeerFigures figures{-placed(), 0, -cpu()};
        const auto begun = Clock::now();
        benchmark(server, count);
        figures.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
        figures.orders += placed();
        figures.redis_cpu_s += cpu();
        return figures;
    };
    const auto warm_up = timed(20'000);
    if (warm_up.orders < 19'000) throw std::runtime_error("place3 placed " + std::to_string(warm_up.orders) + " of 20,000");
    return timed(static_cast<std::int64_t>(static_cast<double>(warm_up.orders) / warm_up.seconds * seconds));
}

}  // namespace livefair::bench
