#include "sim/stale_primary.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace livefair::sim {

namespace {

const std::string till_key = "{sshow1}:till";

/// The till of the show is open there, for this very server.
bool is_selling(const RedisServer& server) {
    const auto* till = server.data.find(till_key);
    return till != nullptr && till->hash.contains("run_id") && till->hash.at("state") == "open" && till->hash.at("run_id") == server.run_id();
}

}  // namespace

StalePrimary::StalePrimary(World& world, LuaLibrary& library, RedisServer& primary, Coverage& coverage)
    : world_(world), primary_(primary), server_(world, library), coverage_(coverage) {
    server_.demote();
    server_.on_change = [this](const Command& command, const Reply& reply) { note(command, reply); };
}

void StalePrimary::hit(const char* transition) {
    LF_CHECK(coverage_.hit("stale primary", transition));
}

void StalePrimary::begin() {
    if (!primary_.is_up() || is_there()) return;
    auto& random = world_.random;
    hit("lives on");
    ++life_;
    server_.live_on_as(primary_);
    pace_us_ = random.one_in(2) ? random.between(2'000, 30'000) : random.between(30'000, 400'000);
    const auto for_us = random.one_in(2) ? random.between(20'000, 600'000) : random.between(600'000, 4'000'000);
    world_.trace("the primary " + server_.run_id() + " lives on for " + std::to_string(for_us / 1000) + " ms beside its successor");
    // Who has not heard of the failover comes back to it.
    for (auto* follower : followers_) {
        if (random.one_in(3)) follower->follow(server_);
    }
    lead_someone();
    world_.after_us(for_us, [this] {
        end();
        return true;
    });
}

RedisServer& StalePrimary::first_server() {
    return is_there() && world_.random.one_in(3) ? server_ : primary_;
}

void StalePrimary::lead_someone() {
    world_.after_us(world_.random.between(500, pace_us_), [this, life = life_] {
        if (life != life_ || !is_there()) return false;
        if (!followers_.empty()) lead(*world_.random.pick(followers_), world_.random.one_in(2) ? server_ : primary_);
        lead_someone();
        return true;
    });
}

void StalePrimary::lead(Follower& follower, RedisServer& server) {
    if (&follower.server() == &server) return;
    hit(&server == &server_ ? "a client is led to it" : "a client is led away");
    follower.follow(server);
}

void StalePrimary::end() {
    hit("is demoted");
    world_.trace("the stale primary " + server_.run_id() + " is demoted");
    server_.demote();
    lead_all_back();
}

/// Its clients lose their connections, ask the sentinels, and hear of its successor one after the other.
void StalePrimary::lead_all_back() {
    world_.after_us(world_.random.between(100, 100'000), [this, life = life_] {
        if (life != life_) return false;
        const auto is_there_yet = [this](Follower* each) { return &each->server() == &server_; };
        const auto found = std::find_if(followers_.begin(), followers_.end(), is_there_yet);
        if (found == followers_.end()) return false;
        lead(**found, primary_);
        lead_all_back();
        return true;
    });
}

/// What it does that only a primary should.
void StalePrimary::note(const Command& command, const Reply& reply) {
    if (reply.is_error()) world_.fail("the stale primary refuses " + command[0] + ": " + reply.text);
    if (command[0] == "XREAD" && !reply.is_nil()) hit("its stream is read");
    if (command[0] == "SPUBLISH") hit("a message is sent by it");
    if (command[0] != "FCALL" || reply.items.empty()) return;
    const auto& function = command[1];
    const auto& word = reply.items[0].text;
    world_.trace("the stale primary says " + word + " to " + function);
    if (word == "PAUSED") hit("PAUSED");
    if (function.starts_with("till_pause") && word == "OK") hit("its till is paused");
    if (function.starts_with("till_open") && word == "OK") hit("its till is opened");
    if (word == "RELEASED") hit("releases an order");
    if (word == "PAID") hit("takes a payment");
    if (word != "DECIDED") return;
    for (std::size_t i = 2; i < reply.items.size(); ++i) {
        const bool is_accepted = reply.items[i].text.starts_with("ACCEPTED|");
        world_.trace("the stale primary decides " + reply.items[i].text);
        hit(is_accepted ? "accepts a purchase" : reply.items[i].text.starts_with("REPEATED|") ? "knows a purchase" : "rejects a purchase");
        if (is_accepted && is_selling(primary_)) hit("accepts a purchase beside its successor");
    }
}

}  // namespace livefair::sim
