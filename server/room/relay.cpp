#include "room/relay.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace livefair::room {

Relay::Relay(net::Shards& shards, redis::Options options)
    : shards_(shards),
      inboxes_(shards.size()),
      subscriber_(
          shards.at(0).executor(), std::move(options),
          [this](const std::string& channel, const std::string& payload) { on_message(channel, payload); },
          [this](const std::string& channel) { on_subscribed(channel); }, [this](const std::string& channel) { on_lost(channel); }) {}

void Relay::attach(unsigned shard, Inbox& inbox) { inboxes_.at(shard) = &inbox; }

void Relay::start() {
    for (const auto* inbox : inboxes_) LF_CHECK(inbox != nullptr);
    shards_.at(0).post([this] { subscriber_.start(); });
}

void Relay::stop() {
    shards_.at(0).post([this] { subscriber_.stop(); });
}

void Relay::want(unsigned shard, const std::string& channel) {
    shards_.at(0).post([this, shard, channel] { add(shard, channel); });
}

void Relay::unwant(unsigned shard, const std::string& channel) {
    shards_.at(0).post([this, shard, channel] { remove(shard, channel); });
}

void Relay::add(unsigned shard, const std::string& channel) {
    auto& entry = channels_[channel];
    if (std::find(entry.shards.begin(), entry.shards.end(), shard) == entry.shards.end()) entry.shards.push_back(shard);
    if (entry.in_force) tell_subscribed(shard, channel);
    else if (entry.shards.size() == 1) subscriber_.subscribe(channel);
}

void Relay::remove(unsigned shard, const std::string& channel) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    std::erase(found->second.shards, shard);
    if (!found->second.shards.empty()) return;
    channels_.erase(found);
    subscriber_.unsubscribe(channel);
}

void Relay::on_message(const std::string& channel, const std::string& payload) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    const auto bytes = share_bytes(payload);
    for (const auto shard : found->second.shards)
        shards_.at(shard).post([inbox = inboxes_[shard], channel, bytes] { inbox->on_message(channel, bytes); });
}

void Relay::on_subscribed(const std::string& channel) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    found->second.in_force = true;
    for (const auto shard : found->second.shards) tell_subscribed(shard, channel);
}

void Relay::on_lost(const std::string& channel) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    found->second.in_force = false;
    for (const auto shard : found->second.shards) shards_.at(shard).post([inbox = inboxes_[shard], channel] { inbox->on_lost(channel); });
}

void Relay::tell_subscribed(unsigned shard, const std::string& channel) {
    shards_.at(shard).post([inbox = inboxes_[shard], channel] { inbox->on_subscribed(channel); });
}

}  // namespace livefair::room
