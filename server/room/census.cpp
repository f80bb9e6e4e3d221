#include "room/census.hpp"

#include <boost/asio/co_spawn.hpp>
#include <livefair/v1/room.pb.h>

#include <set>

namespace livefair::room {
namespace {

constexpr std::chrono::seconds period{1};
/// Pages speak every 30 s: counting more often would tell nothing new.
constexpr int seconds_per_player_count = 5;

/// Runs on the hub's shard.
net::Task<std::vector<Tally>> tallies_of(Hub& hub) { co_return hub.take_tallies(); }

}  // namespace

Census::Census(net::Shards& shards, std::vector<Hub*> hubs, Bus& bus, Players& players)
    : shards_(shards), hubs_(std::move(hubs)), bus_(bus), players_(players), timer_(shards.at(0).context()) {}

net::Task<> Census::run() {
    for (int second = 1; !stopped_; ++second) {
        timer_.expires_after(period);
        co_await timer_.async_wait(net::as_result);
        if (stopped_) co_return;
        if (second % seconds_per_player_count == 0) co_await count_players();
        co_await count_once();
    }
}

void Census::stop() {
    stopped_ = true;
    timer_.cancel();
}

net::Task<> Census::count_players() {
    for (auto& [room, counts] : counts_) {
        if (counts.viewers == 0) continue;
        const auto count = co_await players_.count(room);
        const auto now_ms = co_await bus_.now_ms();
        if (!count || !now_ms) co_return;
        counts.players = *count;
        counts.players_as_of_ms = *now_ms;
        told_viewers_.erase(room);
    }
}

net::Task<> Census::count_once() {
    std::map<RoomId, std::int64_t> viewers;
    for (unsigned i = 0; i < shards_.size(); ++i) {
        auto counting = tallies_of(*hubs_[i]);
        const auto tallies = co_await net::asio::co_spawn(shards_.at(i).executor(), std::move(counting), net::asio::use_awaitable);
        for (const auto& tally : tallies) {
            viewers[tally.room] += tally.viewers;
            if (tally.likes > 0) new_likes_[tally.room] += tally.likes;
            counts_[tally.room].chat_lines += tally.chat_lines;
        }
    }
    std::set<RoomId> changed;
    for (auto& [room, counts] : counts_) {
        counts.viewers = viewers[room];
        const auto told = told_viewers_.find(room);
        if (told == told_viewers_.end() || told->second != counts.viewers || new_likes_.contains(room)) changed.insert(room);
    }
    for (const auto& room : changed) co_await tell(room);
}

net::Task<> Census::tell(RoomId room) {
    const auto waiting = new_likes_.find(room);
    const auto likes = waiting == new_likes_.end() ? 0 : waiting->second;
    const auto sum = co_await bus_.add_likes(room, likes);
    // Not sent: they are added next time. Sent without an answer: lost at worst, but never counted twice.
    if (!sum && to_errc(sum.error()) == Errc::redis_unavailable) co_return;
    new_likes_.erase(room);
    if (!sum) co_return;
    counts_[room].likes = *sum;
    v1::RoomEvent event;
    event.mutable_counts()->set_viewers(counts_[room].viewers);
    event.mutable_counts()->set_likes(*sum);
    event.mutable_counts()->set_players(counts_[room].players);
    event.mutable_counts()->set_players_as_of_ms(counts_[room].players_as_of_ms);
    const auto told = counts_[room].viewers;
    const auto published = co_await bus_.publish(room, std::move(event));
    if (published) told_viewers_[room] = told;
}

}  // namespace livefair::room
