#include "room/bus.hpp"

#include <livefair/v1/room.pb.h>

#include <algorithm>
#include <charconv>

#include "auth/device.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "room.lua.hpp"
#include "room/players.hpp"
#include "room/room_function.hpp"

namespace livefair::room {
namespace {

using redis::Reply;

constexpr std::chrono::milliseconds gateway_silence{5000};

Result<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size()) return make_error_code(Errc::invalid_input);
    return value;
}

/// What publishing an event changes in the state hash.
struct StateChange {
    std::string operation;  ///< "set", "delete" or "".
    std::string field;
};

StateChange state_change_of(const v1::RoomEvent& event) {
    switch (event.body_case()) {
        case v1::RoomEvent::kPin: return {event.pin().offer_id().empty() ? "delete" : "set", "pin"};
        case v1::RoomEvent::kSegment: return {event.segment().segment_id().empty() ? "delete" : "set", "segment"};
        case v1::RoomEvent::kShow: return {"set", "show"};
        case v1::RoomEvent::kQuestions: return {"set", "questions"};
        case v1::RoomEvent::kQuestionQueue: return {"set", "question_queue"};
        case v1::RoomEvent::kChatDeleted: return {"set", "deleted:" + event.chat_deleted().chat_id()};
        case v1::RoomEvent::kMute:
            return {event.mute().until_ms() == 0 ? "delete" : "set", "mute:" + event.mute().account_id()};
        case v1::RoomEvent::kBan: return {event.ban().until_ms() == 0 ? "delete" : "set", "ban:" + event.ban().account_id()};
        default: return {};
    }
}

Result<StoredEvent> parse_entry(const Reply& entry) {
    // {id, {"s", seq, "e", bytes}}
    if (entry.items.size() != 2 || entry.items[1].items.size() != 4) return make_error_code(Errc::redis_error);
    const auto& fields = entry.items[1].items;
    const auto seq = parse_integer(fields[1].text);
    if (!seq) return make_error_code(Errc::redis_error);
    return StoredEvent{*seq, fields[3].text};
}

/// The answer of room_open_v1 and room_after_v1.
Result<StoredRoom> parse_room(const Reply& reply) {
    if (reply.items.size() != 4) return make_error_code(Errc::redis_error);
    StoredRoom room{reply.items[0].text, reply.items[1].integer, {}, {}};
    const auto& state = reply.items[2].items;
    for (std::size_t i = 0; i + 1 < state.size(); i += 2) room.state.emplace_back(state[i].text, state[i + 1].text);
    for (const auto& entry : reply.items[3].items) {
        auto event = parse_entry(entry);
        if (!event) return event.error();
        room.history.push_back(std::move(*event));
    }
    return room;
}

}  // namespace

Result<Reply> checked(Result<Reply> reply, std::string_view function) {
    if (!reply || !reply->is_error()) return reply;
    if (reply->text.starts_with("FULL")) return make_error_code(Errc::too_large);
    log::error("room_function_failed", {{"function", function}, {"why", reply->text}});
    return make_error_code(Errc::redis_error);
}

std::string_view library_source() { return embedded::room_lua; }

std::string events_channel(const RoomId& room) { return room_key(room, "events"); }

Result<Message> parse_message(std::string_view payload) {
    const auto first = payload.find(' ');
    const auto second = first == payload.npos ? payload.npos : payload.find(' ', first + 1);
    if (second == payload.npos || first == 0) return make_error_code(Errc::invalid_input);
    const auto seq = parse_integer(payload.substr(first + 1, second - first - 1));
    if (!seq || *seq < 0) return make_error_code(Errc::invalid_input);
    return Message{payload.substr(0, first), *seq, payload.substr(second + 1)};
}

Bus::Bus(redis::Client& redis, std::chrono::milliseconds deadline, std::int64_t history_max)
    : redis_(redis), deadline_(deadline), history_max_(history_max) {}

net::Task<Result<Position>> Bus::publish(RoomId room, v1::RoomEvent event) {
    event.clear_at_ms();  // the Function puts Redis' time in its place
    const auto change = state_change_of(event);
    const std::string kind = class_of(event) == EventClass::latest ? "latest" : "seq";
    redis::Client::Command command{"FCALL", "room_publish_v1", "4", room_key(room, "meta"), room_key(room, "history"), room_key(room, "state"),
                                   events_channel(room), event.SerializeAsString(), kind, std::to_string(history_max_),
                                   random_hex(8), change.operation, change.field};
    auto answer = co_await redis_.call(std::move(command), deadline_);
    auto reply = checked(std::move(answer), "room_publish_v1");
    if (!reply) co_return reply.error();
    if (reply->items.size() != 3) co_return make_error_code(Errc::redis_error);
    co_return Position{reply->items[0].text, reply->items[1].integer, reply->items[2].integer};
}

net::Task<Result<StoredRoom>> Bus::open(RoomId room, std::int64_t count) {
    redis::Client::Command command{"FCALL", "room_open_v1", "3", room_key(room, "meta"), room_key(room, "history"), room_key(room, "state"),
                                   random_hex(8), std::to_string(count)};
    auto answer = co_await redis_.call(std::move(command), deadline_);
    auto reply = checked(std::move(answer), "room_open_v1");
    if (!reply) co_return reply.error();
    auto stored = parse_room(*reply);
    if (stored) std::reverse(stored->history.begin(), stored->history.end());
    co_return stored;
}

net::Task<Result<StoredRoom>> Bus::events_after(RoomId room, std::int64_t seq, std::int64_t count) {
    redis::Client::Command command{"FCALL_RO", "room_after_v1", "2", room_key(room, "meta"), room_key(room, "history"),
                                   std::to_string(seq), std::to_string(count)};
    auto answer = co_await redis_.call(std::move(command), deadline_);
    auto reply = checked(std::move(answer), "room_after_v1");
    if (!reply) co_return reply.error();
    co_return parse_room(*reply);
}

net::Task<Result<v1::ChatHistoryResponse>> Bus::chat_history(RoomId room, std::int64_t before, std::int64_t count) {
    count = std::clamp<std::int64_t>(count, 1, 200);
    // The whole history is bounded by history_max, so one read of it is bounded too.
    const std::string last = before > 0 ? std::to_string(before - 1) : "+";
    redis::Client::Command command{"XREVRANGE", room_key(room, "history"), last, "-", "COUNT", std::to_string(history_max_)};
    auto entries = co_await redis_.command(std::move(command));
    if (!entries) co_return entries.error();
    redis::Client::Command read_epoch{"HGET", room_key(room, "meta"), "epoch"};
    const auto epoch = co_await redis_.command(std::move(read_epoch));
    if (!epoch) co_return epoch.error();

    v1::ChatHistoryResponse response;
    response.set_epoch(epoch->text);
    redis::Client::Command read_deleted{"HMGET", room_key(room, "state")};
    for (const auto& entry : entries->items) {
        const auto stored = parse_entry(entry);
        v1::RoomEvent event;
        if (!stored || !event.ParseFromString(stored->event) || !event.has_chat()) continue;
        auto& line = *response.add_events();
        line.set_seq(stored->seq);
        line.mutable_event()->Swap(&event);
        read_deleted.push_back("deleted:" + line.event().chat().id());
    }
    if (response.events().empty()) co_return response;
    const auto deleted = co_await redis_.command(std::move(read_deleted));
    if (!deleted) co_return deleted.error();

    v1::ChatHistoryResponse kept;
    kept.set_epoch(response.epoch());
    for (int i = 0; i < response.events_size() && kept.events_size() < count; ++i)
        if (deleted->items.at(static_cast<std::size_t>(i)).is_nil()) kept.add_events()->Swap(response.mutable_events(i));
    std::reverse(kept.mutable_events()->begin(), kept.mutable_events()->end());
    co_return kept;
}

net::Task<Result<Counts>> Bus::count(RoomId room, CountReport report) {
    redis::Client::Command command{"FCALL", "room_count_v2", "5", room_key(room, "meta"), room_key(room, "state"), room_key(room, "viewers"), room_key(room, "players"),
                                   room_key(room, "people"), report.gateway, std::to_string(report.viewers), std::to_string(report.new_likes), std::to_string(report.new_chat_lines),
                                   std::to_string(gateway_silence.count()), std::to_string(std::chrono::milliseconds(player_silence).count()),
                                   report.is_live ? "1" : "0", std::to_string(report.new_views)};
    const auto words = command.size();
    for (const auto person : report.new_people) {
        command.push_back(auth::device_text(person));
        if (command.size() == words + CountReport::people_max) break;
    }
    auto answer = co_await redis_.call(std::move(command), deadline_);
    const auto reply = checked(std::move(answer), "room_count_v2");
    if (!reply) co_return reply.error();
    if (reply->items.size() != 11) co_return make_error_code(Errc::redis_error);
    const auto& all = reply->items;
    Counts counts{all[0].integer, all[1].integer, all[2].integer, all[3].integer, all[4].integer};
    counts.is_news = all[5].integer == 1;
    counts.has_new_questions = all[6].integer == 1;
    counts.views = all[7].integer;
    counts.people = all[8].integer;
    counts.viewers_most = all[9].integer;
    counts.watched_ms = all[10].integer;
    co_return counts;
}

net::Task<Result<>> Bus::sampled(RoomId room, std::int64_t lines) {
    redis::Client::Command command{"HINCRBY", room_key(room, "meta"), "chat_lines", std::to_string(-lines)};
    const auto reply = co_await redis_.command(std::move(command));
    if (!reply) co_return reply.error();
    co_return Result<>();
}

net::Task<Result<std::string>> Bus::stream_state(RoomId room) {
    redis::Client::Command command{"GET", "lf:stream:" + room.str()};
    auto reply = co_await redis_.command(std::move(command));
    if (!reply) co_return reply.error();
    co_return std::move(reply->text);
}

net::Task<Result<std::int64_t>> Bus::now_ms() {
    redis::Client::Command command{"TIME"};
    const auto reply = co_await redis_.command(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->items.size() != 2) co_return make_error_code(Errc::redis_error);
    const auto seconds = parse_integer(reply->items[0].text);
    const auto micros = parse_integer(reply->items[1].text);
    if (!seconds || !micros) co_return make_error_code(Errc::redis_error);
    co_return *seconds * 1000 + *micros / 1000;
}

}  // namespace livefair::room
