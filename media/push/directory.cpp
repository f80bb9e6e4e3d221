#include "push/directory.hpp"

#include <utility>
#include <vector>

#include "base/log.hpp"

namespace livefair::push {
namespace {

constexpr const char* changed_channel = "{lf:push}";
constexpr std::chrono::milliseconds ask_again{1000};

}  // namespace

Directory::Directory(const Config& config, net::Shards& shards, std::string secret)
    : shard_(shards.at(0)),
      secret_(std::move(secret)),
      redis_(shard_.executor(), redis::options_from(config)),
      subscriber_(
          shard_.executor(), redis::options_from(config), [this](const std::string&, const std::string& room) { read_soon(room); },
          // What changed while we were not subscribed.
          [this](const std::string&) {
              std::vector<std::string> names;
              for (const auto& [room, watched] : rooms_) names.push_back(room);
              for (const auto& room : names) read_soon(room);
          }) {}

void Directory::start() {
    redis_.start();
    subscriber_.subscribe(changed_channel);
    subscriber_.start();
}

void Directory::watch(net::Shard& shard, const RoomId& room, std::weak_ptr<RoomPushes> pushes) {
    shard_.post([this, &shard, name = room.str(), pushes = std::move(pushes)] {
        rooms_.insert_or_assign(name, Watched{&shard, pushes});
        read_soon(name);
    });
}

void Directory::read_soon(const std::string& room) {
    if (rooms_.count(room) != 0) net::spawn(shard_.executor(), read(room), "read_push_targets");
}

net::Task<> Directory::read(std::string room) {
    for (;;) {
        redis::Client::Command command;
        command.push_back("HGETALL");
        command.push_back("{lf:push}:" + room);
        const auto reply = co_await redis_.command(std::move(command));
        const auto found = rooms_.find(room);
        if (found == rooms_.end()) co_return;
        if (found->second.pushes.expired()) {
            rooms_.erase(found);
            co_return;
        }
        if (reply) {
            found->second.shard->post([pushes = found->second.pushes, targets = unseal(room, *reply)] {
                if (const auto room_pushes = pushes.lock()) room_pushes->set_targets(targets);
            });
            co_return;
        }
        co_await net::sleep_for(ask_again);
    }
}

Targets Directory::unseal(const std::string& room, const redis::Reply& hash) const {
    Targets targets;
    for (std::size_t i = 0; i + 1 < hash.items.size(); i += 2) {
        const auto& id = hash.items[i].text;
        auto target = auth::unseal_push_target(secret_, hash.items[i + 1].text);
        if (target && is_id_text(id)) targets.emplace(id, std::move(*target));
        else log::error("push_target_not_readable", {{"room", room}, {"why", "not sealed with this program's media.secret_file"}});
    }
    return targets;
}

}  // namespace livefair::push
