#include "ingest/cue_watch.hpp"

#include <charconv>
#include <utility>

#include "ingest/cue_book.hpp"

namespace livefair::ingest {
namespace {

constexpr std::chrono::milliseconds ask_again{1000};
constexpr std::chrono::milliseconds tick_every{500};
/// How many events are read back at the most: chat is among them. What lies further back is known by the state alone.
constexpr const char* missed_max = "1000";
/// KEYS: meta, history, state. ARGV: epoch, seq, count. All of one moment: {epoch, seq, pin, the newest events after seq, oldest first}.
constexpr const char* missed_script = R"(
local at = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
local after = at[1] == ARGV[1] and '(' .. ARGV[2] .. '-0' or '-'
local newest = redis.call('XREVRANGE', KEYS[2], '+', after, 'COUNT', ARGV[3])
local events = {}
for i = #newest, 1, -1 do events[#events + 1] = newest[i] end
return { at[1] or '', at[2] or '0', redis.call('HGET', KEYS[3], 'pin') or '', events })";
/// Longer than any kept window: segments are at most twice segment_ms, and three are kept past the window.
constexpr std::int64_t keep_spare_ms = 60'000;

std::int64_t to_integer(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string key(const RoomId& room, const char* what) { return "{r" + room.str() + "}:" + what; }

}  // namespace

struct CueWatch::Watched {
    Watched(RoomId its_room, std::int64_t keep_ms, OnCues its_on_cues) : room(std::move(its_room)), book(keep_ms), on_cues(std::move(its_on_cues)) {}
    void tell() {
        if (book.cues() != told) on_cues(told = book.cues());
    }
    const RoomId room;
    CueBook book;
    const OnCues on_cues;
    std::shared_ptr<const hls::Cues> told;
    std::string epoch;
    std::int64_t seq = 0;
    bool is_catching_up = false;
    bool is_behind = false;  // again when the catching up under way has ended
    bool is_closed = false;
};

CueWatch::CueWatch(const Config& config, const Clock& clock, net::Shard& shard)
    : clock_(clock),
      shard_(shard),
      keep_ms_((config.media.window_segments + 3) * 2 * config.media.segment_ms + keep_spare_ms),
      redis_(shard.executor(), redis::options_from(config)),
      subscriber_(
          shard.executor(), redis::options_from(config),
          [this](const std::string& channel, const std::string& payload) { on_message(channel, payload); },
          [this](const std::string& channel) {
              if (const auto found = rooms_.find(channel); found != rooms_.end()) catch_up_soon(found->second);
          }) {}

CueWatch::~CueWatch() = default;

void CueWatch::start() {
    redis_.start();
    subscriber_.start();
    net::spawn(shard_.executor(), tick(), "cue_tick");
}

void CueWatch::open(const RoomId& room, OnCues on_cues) {
    shard_.post([this, room, on_cues = std::move(on_cues)]() mutable {
        auto watched = std::make_shared<Watched>(room, keep_ms_, std::move(on_cues));
        const auto channel = key(room, "events");
        if (const auto old = std::exchange(rooms_[channel], watched)) {
            old->is_closed = true;
            catch_up_soon(watched);  // the channel is subscribed already
        } else {
            subscriber_.subscribe(channel);
        }
    });
}

void CueWatch::close(const RoomId& room) {
    shard_.post([this, channel = key(room, "events")] {
        const auto found = rooms_.find(channel);
        if (found == rooms_.end()) return;
        found->second->is_closed = true;
        rooms_.erase(found);
        subscriber_.unsubscribe(channel);
    });
}

/// "<epoch> <seq> " and RoomEvent bytes; seq 0: a latest value, which is never a cue.
void CueWatch::on_message(const std::string& channel, const std::string& payload) {
    const auto found = rooms_.find(channel);
    const auto first = payload.find(' ');
    const auto second = first == std::string::npos ? first : payload.find(' ', first + 1);
    if (found == rooms_.end() || second == std::string::npos) return;
    auto& watched = *found->second;
    const std::string_view text = payload;
    const auto epoch = text.substr(0, first);
    const auto seq = to_integer(text.substr(first + 1, second - first - 1));
    if (seq <= 0 || (epoch == watched.epoch && seq <= watched.seq)) return;
    if (watched.is_catching_up || epoch != watched.epoch || seq != watched.seq + 1) return catch_up_soon(found->second);
    watched.seq = seq;
    watched.book.on_event(text.substr(second + 1));
    watched.tell();
}

void CueWatch::catch_up_soon(const std::shared_ptr<Watched>& watched) {
    watched->is_behind = true;
    if (!std::exchange(watched->is_catching_up, true)) net::spawn(shard_.executor(), catch_up(watched), "cue_catch_up");
}

net::Task<> CueWatch::catch_up(std::shared_ptr<Watched> watched) {
    while (watched->is_behind && !watched->is_closed) {
        watched->is_behind = false;
        const auto read = co_await read_missed(watched);
        if (read) {
            watched->tell();
        } else {
            watched->is_behind = true;
            co_await net::sleep_for(ask_again);
        }
    }
    watched->is_catching_up = false;
}

net::Task<Result<>> CueWatch::read_missed(std::shared_ptr<Watched> watched) {
    redis::Client::Command command;
    for (const auto& word : {std::string("EVAL_RO"), std::string(missed_script), std::string("3"), key(watched->room, "meta"), key(watched->room, "history"),
                             key(watched->room, "state"), watched->epoch, std::to_string(watched->seq), std::string(missed_max)})
        command.push_back(word);
    const auto reply = co_await redis_.command(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->items.size() != 4) co_return make_error_code(Errc::redis_error);
    for (const auto& entry : reply->items[3].items)
        // {id, {"s", seq, "e", bytes}}
        if (entry.items.size() == 2 && entry.items[1].items.size() == 4) watched->book.on_event(entry.items[1].items[3].text);
    watched->book.on_state(reply->items[2].text, clock_.unix_ms());
    watched->book.on_time(clock_.unix_ms());
    watched->epoch = reply->items[0].text;
    watched->seq = to_integer(reply->items[1].text);
    co_return Result<>();
}

net::Task<> CueWatch::tick() {
    for (;;) {
        co_await net::sleep_for(tick_every);
        for (const auto& [channel, watched] : rooms_) {
            watched->book.on_time(clock_.unix_ms());
            watched->tell();
        }
    }
}

}  // namespace livefair::ingest
