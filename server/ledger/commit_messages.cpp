#include "ledger/commit_messages.hpp"

#include <utility>

namespace livefair::ledger {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds retry_pause{100};
/// Messages to Redis that may wait for their answer.
constexpr std::size_t unanswered_max = 1000;

std::string committed_key(const ShowId& show) {
    return "{s" + show.str() + "}:committed";
}

}  // namespace

net::Task<> CommitMessages::publish(ShowId show, std::string last_id, std::string epoch, std::vector<RefusedOrder> refused) {
    const auto position = last_id + "@" + epoch;
    std::string payload = position;
    for (const auto& order : refused) {
        if (order.show == show) payload += " " + order.order.str();
    }
    redis::Client::Command publish{"SPUBLISH", committed_key(show), payload};
    co_await send(std::move(publish));
    co_await send_key(show, position);
}

net::Task<> CommitMessages::set_key(ShowId show, std::string last_id, std::string epoch) {
    co_await send_key(show, last_id + "@" + epoch);
}

net::Task<> CommitMessages::tell(Notice notice) {
    redis::Client::Command publish{"SPUBLISH", "lf:orders", notice.account + " " + notice.order_bytes};
    co_await send(std::move(publish));
}

net::Task<> CommitMessages::say_again() {
    const auto now = std::chrono::steady_clock::now();
    if (unsaid_.empty() || now < next_saying_) co_return;
    next_saying_ = now + retry_pause;
    const auto unsaid = unsaid_;
    for (const auto& [show, position] : unsaid) co_await send_key(show, position);
}

net::Task<> CommitMessages::send(redis::Client::Command command) {
    while (unanswered_ >= unanswered_max) co_await net::sleep_for(milliseconds(1));
    ++unanswered_;
    net::spawn(executor_, deliver(shared_from_this(), std::move(command)), "projector's message");
}

net::Task<> CommitMessages::send_key(ShowId show, std::string position) {
    while (unanswered_ >= unanswered_max) co_await net::sleep_for(milliseconds(1));
    ++unanswered_;
    unsaid_[show] = position;
    net::spawn(executor_, deliver_key(shared_from_this(), show, std::move(position)), "projector's key");
}

net::Task<> CommitMessages::deliver(std::shared_ptr<CommitMessages> self, redis::Client::Command command) {
    (void)co_await self->redis_.command(std::move(command));
    --self->unanswered_;
}

net::Task<> CommitMessages::deliver_key(std::shared_ptr<CommitMessages> self, ShowId show, std::string position) {
    redis::Client::Command set{"SET", committed_key(show), position};
    const auto said = co_await self->redis_.command(std::move(set));
    --self->unanswered_;
    const auto unsaid = self->unsaid_.find(show);
    if (said && unsaid != self->unsaid_.end() && unsaid->second == position) self->unsaid_.erase(unsaid);
}

}  // namespace livefair::ledger
