#include "sim/world.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>

#include "base/check.hpp"
#include "sim/virtual_time.hpp"

namespace livefair::sim {

namespace {
World* the_world = nullptr;
}

World::World(std::uint64_t seed, bool is_traced) : random(seed), is_traced_(is_traced) {
    LF_CHECK(the_world == nullptr);
    the_world = this;
    if (random.one_in(8)) now_us_ = us_to_midnight() - random.between(0, 2'000'000);
    set_virtual_us(now_us_);
}

World::~World() {
    events_.clear();
    the_world = nullptr;
}

World* World::current() {
    return the_world;
}

bool World::is_later(const Event& a, const Event& b) {
    return a.at_us != b.at_us ? a.at_us > b.at_us : a.number > b.number;
}

void World::after_us(std::int64_t delay_us, Act act) {
    events_.push_back({now_us_ + delay_us, next_number_++, std::move(act)});
    std::push_heap(events_.begin(), events_.end(), is_later);
}

void World::step() {
    const auto timer_us = next_timer_us();
    if (events_.empty() || events_.front().at_us > timer_us) {
        now_us_ = std::max(now_us_, timer_us);
        set_virtual_us(now_us_);
        ++steps_;
    } else {
        std::pop_heap(events_.begin(), events_.end(), is_later);
        auto event = std::move(events_.back());
        events_.pop_back();
        now_us_ = std::max(now_us_, event.at_us);
        set_virtual_us(now_us_);
        if (event.act()) ++steps_;
    }
    poll_all();
}

void World::poll_all() {
    for (auto* process : processes_) {
        process->io_.restart();
        process->io_.poll();
    }
}

std::int64_t World::next_timer_us() const {
    std::int64_t next_us = now_us_ + 1'000'000;
    for (auto* process : processes_) next_us = std::min(next_us, now_us_ + us_to_next_timer(process->io_));
    return next_us;
}

void World::trace(const std::string& line) const {
    if (is_traced_) std::printf("%10.3f ms  %s\n", static_cast<double>(now_us_) / 1000, line.c_str());
}

void World::fail(const std::string& why) {
    trace("VIOLATION " + why);
    if (failure_.empty()) failure_ = why;
}

Process::Process(World& world, std::string name) : world_(world), name_(std::move(name)), io_(this) {
    world_.processes_.push_back(this);
    // The first timer brings the loop's reactor, which us_to_next_timer() asks.
    const net::asio::steady_timer first(io_);
}

Process::~Process() {
    std::erase(world_.processes_, this);
    // A frame that ends may end others: until nothing waits.
    while (!pending_.empty()) {
        const auto ended = std::exchange(pending_, {});
    }
    io_.shutdown();
    parts_.clear();
}

Process& Process::of(const net::asio::any_io_executor& executor) {
    const auto* target = executor.target<net::asio::io_context::executor_type>();
    LF_CHECK(target != nullptr);
    return *static_cast<Loop&>(target->context()).process;
}

}  // namespace livefair::sim
