#include <livefair/v1/account.pb.h>
#include <livefair/v1/socket.pb.h>

#include <algorithm>
#include <type_traits>

#include "base/log.hpp"
#include "gateway/answers.hpp"
#include "gateway/chat_text.hpp"
#include "gateway/handlers.hpp"
#include "ledger/actions.hpp"
#include "ledger/ledger.hpp"
#include "ledger/people.hpp"
#include "ledger/sessions.hpp"
#include "room/bus.hpp"
#include "room/chat_desk.hpp"
#include "room/hub.hpp"

namespace livefair::gateway {
namespace {

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
constexpr std::int64_t mute_ms_max = 30 * day_ms, ban_ms_max = 3650 * day_ms, slow_ms_max = 600'000;
constexpr std::int64_t why_chars_max = 200;
/// Of the newest lines; one that is older is deleted without its words in the action log.
constexpr std::int64_t searched_lines = 200;

v1::ServerMessage why_too_long() {
    return failure(Errc::invalid_input, "原因最多 200 个字，请缩短。", "The reason has at most 200 characters; make it shorter.");
}

v1::ServerMessage too_long_for(std::int64_t most_days) {
    const auto days = std::to_string(most_days);
    return failure(Errc::invalid_input, "时长须在 0 到 " + days + " 天之间，0 表示解除。", "The time must be from 0, which lifts it, to " + days + " days.");
}

/// An act on its way into the action log, once the caller may do it. Errors: those of Session::check(); invalid_input - the room's id.
net::Task<Result<ledger::Action>> begin(Session& session, std::string room_id, std::string kind) {
    const auto room = RoomId::parse(room_id);
    const auto allowed = co_await session.check(auth::Action::moderate, RoomId(room_id));
    if (!allowed) co_return allowed.error();
    if (!room) co_return room.error();
    ledger::Action action;
    action.room = *room;
    action.by = session.identity().account;
    action.kind = std::move(kind);
    co_return action;
}

/// Takes the reason in; false when it is too long or no text.
bool put_why(ledger::Action& action, const std::string& why) {
    if (why.empty()) return true;
    auto cleaned = clean_chat_text(why, why_chars_max);
    if (!cleaned) return false;
    action.why = std::move(*cleaned);
    return true;
}

/// Keeps what was done. The act comes first, so that a ledger in trouble never keeps a moderator from acting; then the program's log has it.
net::Task<v1::ServerMessage> record(Session& session, ledger::Action action) {
    action.at_ms = session.services().clock.unix_ms();
    log::info("moderation", {{"room", action.room.str()}, {"by", action.by.str()}, {"kind", action.kind}, {"account", action.account.str()},
                             {"chat", action.chat_id}, {"duration_ms", action.duration_ms}, {"why", action.why}});
    auto write = [action](ledger::Database& db) { return ledger::add_action(db, action); };
    const auto written = co_await session.services().ledger_side->ledger.write(std::move(write));
    if (written) co_return done();
    co_return failure(to_errc(written.error()), "已执行，但未能记入操作记录，请稍后再操作一次。", "It is done, but could not be recorded; do it again soon.");
}

net::Task<v1::ServerMessage> publish(Session& session, ledger::Action action, v1::RoomEvent event) {
    const auto published = co_await session.services().bus.publish(action.room, std::move(event));
    if (!published) co_return failure(to_errc(published.error()));
    co_return co_await record(session, std::move(action));
}

/// Whether the account may be muted or banned: it is no one of the staff. Errors: not_found, forbidden, ledger_unavailable.
net::Task<Result<>> check_target(Session& session, RoomId room, AccountId account) {
    auto find = [account](ledger::Database& db) { return ledger::find_identity(db, account); };
    const auto target = co_await session.services().ledger_side->ledger.read(std::move(find));
    if (!target) co_return target.error();
    if (auth::role_in(*target, room) != auth::Role::viewer) co_return make_error_code(Errc::forbidden);
    co_return Result<>();
}

v1::ServerMessage refused_target(Errc code) {
    if (code == Errc::forbidden)
        return failure(code, "不能对工作人员禁言或移出，请联系管理员调整其权限。", "Staff can't be muted or banned; have an operator change their role.");
    if (code == Errc::not_found) return failure(code, "没有这个用户，请刷新后再试。", "There is no such account; reload and try again.");
    return failure(code);
}

/// Mutes or bans, as `kind` and `change` say, until a time by Redis' clock; 0 lifts it.
template <class Request, class Change>
net::Task<v1::ServerMessage> shut_out(Session& session, Request message, std::string kind, std::int64_t most_ms, Change* (v1::RoomEvent::*change)()) {
    auto action = co_await begin(session, message.room_id(), std::move(kind));
    if (!action) co_return failure(to_errc(action.error()));
    if (!is_id_text(message.account_id())) co_return failure(Errc::invalid_input);
    if (message.duration_ms() < 0 || message.duration_ms() > most_ms) co_return too_long_for(most_ms / day_ms);
    if (!put_why(*action, message.why())) co_return why_too_long();
    action->account = AccountId(message.account_id());
    action->duration_ms = message.duration_ms();
    const auto target = co_await check_target(session, action->room, action->account);
    if (!target) co_return refused_target(to_errc(target.error()));
    const auto now_ms = co_await session.services().bus.now_ms();
    if (!now_ms) co_return failure(to_errc(now_ms.error()));
    v1::RoomEvent event;
    auto& body = *(event.*change)();
    body.set_account_id(message.account_id());
    body.set_until_ms(message.duration_ms() == 0 ? 0 : *now_ms + message.duration_ms());
    if constexpr (std::is_same_v<Change, v1::BanChanged>) {
        auto find_devices = [account = action->account](ledger::Database& db) { return ledger::devices_of(db, account); };
        const auto devices = co_await session.services().ledger_side->ledger.read(std::move(find_devices));
        if (!devices) co_return failure(to_errc(devices.error()));
        body.mutable_devices()->Add(devices->begin(), devices->end());
    }
    co_return co_await publish(session, std::move(*action), std::move(event));
}

std::string text_of(const v1::ChatRules& rules) {
    return "slow_ms=" + std::to_string(rules.slow_ms()) +
           " mute_all=" + (rules.mute_all() ? "1" : "0") + " review_all=" + (rules.review_all() ? "1" : "0");
}

}  // namespace

net::Task<v1::ServerMessage> delete_chat(Session& session, v1::DeleteChat message) {
    auto action = co_await begin(session, message.room_id(), "delete");
    if (!action) co_return failure(to_errc(action.error()));
    if (!is_id_text(message.chat_id())) co_return failure(Errc::invalid_input);
    if (!put_why(*action, message.why())) co_return why_too_long();
    action->chat_id = message.chat_id();
    const auto newest = co_await session.services().bus.chat_history(action->room, 0, searched_lines);
    if (!newest) co_return failure(to_errc(newest.error()));
    for (const auto& event : newest->events()) {
        const auto& line = event.event().chat();
        if (line.id() != message.chat_id()) continue;
        action->account = AccountId(line.account_id());
        action->line = line.text();
    }
    v1::RoomEvent event;
    event.mutable_chat_deleted()->set_chat_id(message.chat_id());
    event.mutable_chat_deleted()->set_by(action->by.str());
    co_return co_await publish(session, std::move(*action), std::move(event));
}

net::Task<v1::ServerMessage> mute(Session& session, v1::Mute message) {
    co_return co_await shut_out(session, std::move(message), "mute", mute_ms_max, &v1::RoomEvent::mutable_mute);
}

net::Task<v1::ServerMessage> ban(Session& session, v1::Ban message) {
    co_return co_await shut_out(session, std::move(message), "ban", ban_ms_max, &v1::RoomEvent::mutable_ban);
}

net::Task<v1::ServerMessage> set_chat_rules(Session& session, v1::SetChatRules message) {
    auto action = co_await begin(session, message.room_id(), "rules");
    if (!action) co_return failure(to_errc(action.error()));
    if (message.rules().slow_ms() < 0 || message.rules().slow_ms() > slow_ms_max)
        co_return failure(Errc::invalid_input, "慢速模式的间隔须在 0 到 600 秒之间。", "Slow mode must be from 0 to 600 seconds.");
    if (!put_why(*action, message.why())) co_return why_too_long();
    const auto set = co_await session.services().chat_desk.set_rules(action->room, message.rules(), action->by.str());
    if (!set) co_return failure(to_errc(set.error()));
    action->line = text_of(message.rules());
    co_return co_await record(session, std::move(*action));
}

net::Task<v1::ServerMessage> review_chat(Session& session, v1::ReviewChat message) {
    auto action = co_await begin(session, message.room_id(), message.approve() ? "approve" : "reject");
    if (!action) co_return failure(to_errc(action.error()));
    if (!is_id_text(message.chat_id())) co_return failure(Errc::invalid_input);
    if (!put_why(*action, message.why())) co_return why_too_long();
    const auto line = co_await session.services().chat_desk.review(action->room, message.chat_id(), message.approve(), action->by.str());
    if (!line && to_errc(line.error()) == Errc::not_found)
        co_return failure(Errc::not_found, "这条留言已被处理或已过期。", "This line has been decided already or is too old; nothing is left to do.");
    if (!line) co_return failure(to_errc(line.error()));
    if (message.approve()) session.services().hub.count_chat(action->room);
    action->chat_id = message.chat_id();
    action->account = AccountId(line->account_id());
    action->line = line->text();
    co_return co_await record(session, std::move(*action));
}

}  // namespace livefair::gateway
