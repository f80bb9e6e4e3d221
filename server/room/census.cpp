#include "room/census.hpp"

#include <boost/asio/co_spawn.hpp>
#include <livefair/v1/room.pb.h>

#include <algorithm>
#include <iterator>

#include "base/random.hpp"

namespace livefair::room {
namespace {

constexpr std::chrono::seconds period{1};
/// Open questions that moderators, and that all viewers are told.
constexpr int queue_max = 50, shown_max = 5;

/// Runs on the hub's shard.
net::Task<std::vector<Tally>> tallies_of(Hub& hub) { co_return hub.take_tallies(); }

}  // namespace

Census::Census(net::Shards& shards, std::vector<Hub*> hubs, Bus& bus, QuestionDesk& questions)
    : shards_(shards), hubs_(std::move(hubs)), bus_(bus), questions_(questions), gateway_(random_hex(8)), timer_(shards.at(0).context()) {}

net::Task<> Census::run() {
    while (!stopped_) {
        timer_.expires_after(period);
        co_await timer_.async_wait(net::as_result);
        if (stopped_) co_return;
        co_await collect();
        std::set<RoomId> rooms = also_counted_;
        for (const auto& [room, report] : reports_) rooms.insert(room);
        std::erase_if(counts_, [&](const auto& counted) { return !rooms.contains(counted.first); });
        for (const auto& room : rooms) co_await count(room);
    }
}

void Census::stop() {
    stopped_ = true;
    timer_.cancel();
}

net::Task<> Census::collect() {
    for (auto& [room, report] : reports_) {
        report.viewers = 0;
        report.is_live = false;
    }
    for (unsigned i = 0; i < shards_.size(); ++i) {
        auto counting = tallies_of(*hubs_[i]);
        auto tallies = co_await net::asio::co_spawn(shards_.at(i).executor(), std::move(counting), net::asio::use_awaitable);
        for (auto& tally : tallies) {
            auto& report = reports_[tally.room];
            report.viewers += tally.viewers;
            report.new_likes += tally.likes;
            report.new_chat_lines += tally.chat_lines;
            report.is_live |= tally.is_live;
            report.new_views += tally.views;
            report.new_people.merge(tally.people);
        }
    }
}

net::Task<> Census::count(RoomId room) {
    const auto waiting = reports_.find(room);
    auto report = waiting == reports_.end() ? CountReport() : waiting->second;
    if (waiting != reports_.end()) report.gateway = gateway_;
    report.is_live |= also_counted_.contains(room);
    const auto counted = co_await bus_.count(room, report);
    // Not sent: it is added next time. Sent without an answer: lost at worst, but never counted twice.
    if (!counted && to_errc(counted.error()) == Errc::redis_unavailable) co_return;
    auto& reported = reports_[room];
    reported.new_likes -= report.new_likes;
    reported.new_chat_lines -= report.new_chat_lines;
    reported.new_views -= report.new_views;
    if (!counted) co_return;
    // Those are not added up but united, so that they may be told again when no answer came.
    auto told = report.new_people.begin();
    std::advance(told, std::min(report.new_people.size(), CountReport::people_max));
    std::for_each(report.new_people.begin(), told, [&](auto person) { reported.new_people.erase(person); });
    if (reported.viewers == 0 && reported.new_likes == 0 && reported.new_chat_lines == 0 && reported.new_people.empty()) reports_.erase(room);
    counts_[room] = *counted;
    if (counted->is_news) untold_.insert(room);
    if (untold_.contains(room)) co_await tell(room);
    if (counted->has_new_questions) untold_questions_.insert(room);
    if (untold_questions_.contains(room)) co_await tell_questions(room);
}

net::Task<> Census::tell_questions(RoomId room) {
    auto queue = co_await questions_.board(room, queue_max);
    if (!queue) co_return;
    v1::RoomEvent for_all;
    auto& shown = *for_all.mutable_questions();
    shown = *queue;
    if (shown.questions_size() > shown_max) shown.mutable_questions()->DeleteSubrange(shown_max, shown.questions_size() - shown_max);
    for (auto& question : *shown.mutable_questions()) {
        question.clear_account_id();
        question.clear_nickname();
    }
    v1::RoomEvent for_moderators;
    *for_moderators.mutable_question_queue() = std::move(*queue);
    const auto published = co_await bus_.publish(room, std::move(for_all));
    if (!published) co_return;
    const auto queued = co_await bus_.publish(room, std::move(for_moderators));
    if (queued) untold_questions_.erase(room);
}

v1::Counts message_of(const Counts& counts) {
    v1::Counts message;
    message.set_viewers(counts.viewers);
    message.set_likes(counts.likes);
    message.set_players(counts.players);
    message.set_players_as_of_ms(counts.as_of_ms);
    message.set_views(counts.views);
    message.set_people(counts.people);
    message.set_viewers_most(counts.viewers_most);
    message.set_watched_ms(counts.watched_ms);
    return message;
}

net::Task<> Census::tell(RoomId room) {
    v1::RoomEvent event;
    *event.mutable_counts() = message_of(counts_[room]);
    const auto published = co_await bus_.publish(room, std::move(event));
    if (published) untold_.erase(room);
}

net::Task<Result<>> Census::sampled(RoomId room, std::int64_t lines) {
    const auto done = co_await bus_.sampled(room, lines);
    const auto counted = counts_.find(room);
    if (done && counted != counts_.end()) counted->second.chat_lines -= lines;
    co_return done;
}

}  // namespace livefair::room
