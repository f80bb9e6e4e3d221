#include "room/chat_desk.hpp"

#include <livefair/v1/room.pb.h>

#include "base/random.hpp"
#include "room/bus.hpp"
#include "room/room_function.hpp"

namespace livefair::room {
namespace {

using redis::Reply;
using Command = redis::Client::Command;

/// "FCALL", the function and the keys that all of them begin with: meta, history, state, channel; `more` keys follow.
Command begin(const std::string& function, const RoomId& room, std::vector<std::string> more) {
    Command command{"FCALL", function, std::to_string(4 + more.size()), room_key(room, "meta"), room_key(room, "history"),
                    room_key(room, "state"), events_channel(room)};
    for (auto& key : more) command.push_back(std::move(key));
    return command;
}

void add(Command& command, std::vector<std::string> arguments) {
    for (auto& argument : arguments) command.push_back(std::move(argument));
}

std::string flag(bool value) { return value ? "1" : "0"; }

Result<Said> parse_said(const Reply& reply) {
    if (reply.items.size() != 2) return make_error_code(Errc::redis_error);
    const auto& outcome = reply.items[0].text;
    if (outcome == "shown") return Said{Said::Outcome::shown, 0};
    if (outcome == "held") return Said{Said::Outcome::held, 0};
    if (outcome == "muted") return Said{Said::Outcome::muted, 0};
    if (outcome == "sampled") return Said{Said::Outcome::sampled, 0};
    if (outcome == "slow") return Said{Said::Outcome::too_soon, reply.items[1].integer};
    return make_error_code(Errc::redis_error);
}

/// ChatHeld of a viewer's line; without a reason of its own it waits by the room's rule.
std::string held_bytes(const v1::ChatLine& line, int hold_reason) {
    v1::RoomEvent event;
    *event.mutable_chat_held()->mutable_line() = line;
    event.mutable_chat_held()->set_reason(hold_reason == 0 ? v1::HOLD_REASON_RULE : static_cast<v1::HoldReason>(hold_reason));
    return event.SerializeAsString();
}

}  // namespace

ChatDesk::ChatDesk(redis::Client& redis, std::chrono::milliseconds deadline, std::int64_t history_max, std::int64_t lines_per_s)
    : redis_(redis), deadline_(deadline), history_max_(history_max), lines_per_s_(lines_per_s) {}

net::Task<Result<Reply>> ChatDesk::call(Command command) {
    const auto function = command[1];
    auto reply = co_await redis_.call(std::move(command), deadline_);
    co_return checked(std::move(reply), function);
}

net::Task<Result<Said>> ChatDesk::say(RoomId room, v1::ChatLine line, int hold_reason) {
    const bool is_staff = line.role() > v1::ROLE_VIEWER;
    auto command = begin("room_say_v1", room, {room_key(room, "held"), room_key(room, "slow:" + line.account_id())});
    auto waiting = is_staff ? std::string() : held_bytes(line, hold_reason);
    auto id = line.id();
    v1::RoomEvent event;
    *event.mutable_chat() = std::move(line);
    add(command, {event.SerializeAsString(), std::move(waiting), std::move(id), is_staff ? "staff" : "viewer", hold_reason == 0 ? "show" : "hold",
                  std::to_string(history_max_), random_hex(8), std::to_string(lines_per_s_)});
    const auto reply = co_await call(std::move(command));
    if (!reply) co_return reply.error();
    co_return parse_said(*reply);
}

net::Task<Result<>> ChatDesk::set_rules(RoomId room, v1::ChatRules rules, std::string by) {
    auto command = begin("room_rules_v1", room, {});
    v1::RoomEvent event;
    *event.mutable_chat_rules()->mutable_rules() = rules;
    event.mutable_chat_rules()->set_by(std::move(by));
    add(command, {event.SerializeAsString(), std::to_string(history_max_), random_hex(8), std::to_string(rules.slow_ms()),
                  flag(rules.mute_all()), flag(rules.review_all())});
    const auto reply = co_await call(std::move(command));
    if (!reply) co_return reply.error();
    co_return Result<>();
}

net::Task<Result<v1::ChatLine>> ChatDesk::review(RoomId room, std::string chat_id, bool approve, std::string by) {
    auto command = begin("room_review_v1", room, {room_key(room, "held")});
    v1::RoomEvent event;
    event.mutable_chat_reviewed()->set_chat_id(chat_id);
    event.mutable_chat_reviewed()->set_by(std::move(by));
    event.mutable_chat_reviewed()->set_approved(approve);
    add(command, {event.SerializeAsString(), std::move(chat_id), approve ? "approve" : "reject", std::to_string(history_max_), random_hex(8)});
    const auto reply = co_await call(std::move(command));
    if (!reply) co_return reply.error();
    if (reply->is_nil()) co_return make_error_code(Errc::not_found);
    v1::RoomEvent line;
    if (!line.ParseFromString(reply->text)) co_return make_error_code(Errc::redis_error);
    co_return std::move(*line.mutable_chat());
}

net::Task<Result<std::vector<v1::RoomEvent>>> ChatDesk::waiting(RoomId room) {
    Command command{"FCALL_RO", "room_held_v1", "1", room_key(room, "held")};
    const auto reply = co_await call(std::move(command));
    if (!reply) co_return reply.error();
    std::vector<v1::RoomEvent> events;
    for (const auto& item : reply->items)
        if (v1::RoomEvent event; event.ParseFromString(item.text)) events.push_back(std::move(event));
    co_return events;
}

}  // namespace livefair::room
