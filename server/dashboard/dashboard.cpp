#include "dashboard/dashboard.hpp"

#include <livefair/v1/socket.pb.h>

#include <vector>

#include "base/log.hpp"
#include "ledger/catalog.hpp"
#include "ledger/samples.hpp"
#include "room/wire.hpp"

namespace livefair::dashboard {
namespace {

constexpr std::chrono::seconds period{1};
constexpr int seconds_per_sample = 10;
constexpr std::chrono::milliseconds freshness{500};

}  // namespace

Dashboard::Dashboard(net::Shard& shard, ledger::Ledger& ledger, room::Bus& bus, room::Census& census, SalesFeed& sales,
                     const Clock& clock, bool answers_are_relaxed, Push push)
    : ledger_(ledger), bus_(bus), census_(census), sales_(sales), clock_(clock), answers_are_relaxed_(answers_are_relaxed), push_(std::move(push)), timer_(shard.context()) {}

Dashboard::~Dashboard() = default;

net::Task<> Dashboard::run() {
    for (int second = 1; !stopped_; ++second) {
        timer_.expires_after(period);
        co_await timer_.async_wait(net::as_result);
        if (stopped_) co_return;
        const auto dashboard = co_await current();
        if (!dashboard) continue;
        v1::ServerMessage message;
        *message.mutable_dashboard() = *dashboard;
        push_(share_bytes(room::encode(message, room::Format::proto)), share_bytes(room::encode(message, room::Format::json)));
        if (second % seconds_per_sample == 0) co_await store_samples();
    }
}

void Dashboard::stop() {
    stopped_ = true;
    timer_.cancel();
}

net::Task<Result<v1::Dashboard>> Dashboard::current() {
    if (newest_ && clock_.steady() - built_ < freshness) co_return *newest_;
    auto dashboard = co_await build();
    if (dashboard) {
        newest_ = std::make_shared<v1::Dashboard>(*dashboard);
        built_ = clock_.steady();
    }
    co_return dashboard;
}

net::Task<Result<v1::Dashboard>> Dashboard::build() {
    auto shows = co_await ledger_.read([](ledger::Database& db) { return ledger::list_shows(db); });
    if (!shows) co_return shows.error();
    v1::Dashboard dashboard;
    dashboard.set_as_of_ms(clock_.unix_ms());
    dashboard.set_answers_are_relaxed(answers_are_relaxed_);
    std::set<RoomId> rooms;
    for (auto& show : *shows->mutable_shows()) {
        if (show.state() != v1::SHOW_STATE_LIVE) continue;
        rooms.insert(RoomId(show.room_id()));
        auto built = co_await build_show(std::move(show));
        dashboard.add_shows()->Swap(&built);
    }
    census_.also_count(std::move(rooms));
    co_return dashboard;
}

net::Task<v1::DashboardShow> Dashboard::build_show(v1::Show show) {
    const ShowId id(show.id());
    const RoomId room(show.room_id());
    v1::DashboardShow built;
    built.mutable_show()->Swap(&show);
    auto totals = co_await sales_.totals(id);
    if (totals) built.mutable_totals()->Swap(&*totals);
    const auto stream = co_await bus_.stream_state(room);
    if (stream) built.mutable_stream()->ParseFromString(*stream);
    auto count = [id](ledger::Database& db) { return ledger::chat_lines_of_show(db, id); };
    const auto stored = co_await ledger_.read(std::move(count));
    built.set_chat_lines(stored ? *stored : 0);
    const auto counts = census_.counts().find(room);
    if (counts != census_.counts().end()) {
        built.set_chat_lines(built.chat_lines() + counts->second.chat_lines);
        *built.mutable_counts() = room::message_of(counts->second);
    }
    co_return built;
}

net::Task<> Dashboard::store_samples() {
    if (!newest_ || newest_->shows().empty()) co_return;
    std::vector<ledger::Sample> samples;
    std::map<RoomId, std::int64_t> lines;
    for (const auto& shown : newest_->shows()) {
        const RoomId room(shown.show().room_id());
        const auto counts = census_.counts().find(room);
        lines[room] = counts == census_.counts().end() ? 0 : counts->second.chat_lines;
        const auto& shown_counts = shown.counts();
        samples.push_back({ShowId(shown.show().id()), newest_->as_of_ms(), shown_counts.viewers(), lines[room], shown_counts.views(), shown_counts.people(),
                           shown_counts.viewers_most(), shown_counts.watched_ms()});
    }
    auto add = [samples = std::move(samples)](ledger::Database& db) { return ledger::add_samples(db, samples); };
    const auto stored = co_await ledger_.write(std::move(add));
    if (!stored) {
        log::warn("samples_not_stored", {{"why", stored.error().message()}});
        co_return;
    }
    for (const auto& [room, count] : lines) {
        if (count == 0) continue;
        const auto taken = co_await census_.sampled(room, count);
        if (!taken) log::warn("chat_lines_counted_twice", {{"room", room.str()}, {"lines", count}, {"why", taken.error().message()}});
    }
}

}  // namespace livefair::dashboard
