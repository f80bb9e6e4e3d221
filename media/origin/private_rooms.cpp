#include "origin/private_rooms.hpp"

#include <utility>

namespace livefair::origin {
namespace {

constexpr const char* set_and_channel = "lf:rooms:private";
constexpr std::chrono::seconds read_every{30};
constexpr std::chrono::milliseconds ask_again{500};

}  // namespace

PrivateRooms::PrivateRooms(const Config& config, net::Shards& shards)
    : shard_(shards.at(0)),
      redis_(shard_.executor(), redis::options_from(config)),
      subscriber_(
          shard_.executor(), redis::options_from(config), [this](const std::string&, const std::string&) { read_soon(); },
          [this](const std::string&) { read_soon(); }) {}

void PrivateRooms::start() {
    redis_.start();
    subscriber_.subscribe(set_and_channel);
    subscriber_.start();
    net::spawn(shard_.executor(), read_often(), "private_rooms");
}

std::optional<bool> PrivateRooms::is_private(const RoomId& room) const {
    const std::lock_guard lock(mutex_);
    if (!rooms_) return std::nullopt;
    return rooms_->count(room.str()) != 0;
}

void PrivateRooms::read_soon() {
    is_stale_ = true;
    if (!std::exchange(is_reading_, true)) net::spawn(shard_.executor(), read(), "read_private_rooms");
}

net::Task<> PrivateRooms::read() {
    while (std::exchange(is_stale_, false)) {
        redis::Client::Command command;
        command.push_back("SMEMBERS");
        command.push_back(set_and_channel);
        const auto reply = co_await redis_.command(std::move(command));
        if (reply) {
            auto rooms = std::make_shared<std::set<std::string>>();
            for (const auto& item : reply->items) rooms->insert(item.text);
            const std::lock_guard lock(mutex_);
            rooms_ = std::move(rooms);
        } else {
            is_stale_ = true;
            co_await net::sleep_for(ask_again);
        }
    }
    is_reading_ = false;
}

net::Task<> PrivateRooms::read_often() {
    for (;;) {
        read_soon();
        co_await net::sleep_for(read_every);
    }
}

}  // namespace livefair::origin
