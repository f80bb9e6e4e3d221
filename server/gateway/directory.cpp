#include "gateway/directory.hpp"

#include <livefair/v1/order.pb.h>
#include <livefair/v1/socket.pb.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "auth/device.hpp"
#include "base/log.hpp"
#include "gateway/answers.hpp"
#include "gateway/session.hpp"

namespace livefair::gateway {
namespace {

constexpr std::chrono::milliseconds drain_step{50};

}  // namespace

void Directory::add(Session& session) {
    session.place_ = sessions_.size();
    sessions_.push_back(&session);
}

void Directory::remove(Session& session) {
    forget_account(session, session.identity().account);
    sessions_[session.place_] = sessions_.back();
    sessions_[session.place_]->place_ = session.place_;
    sessions_.pop_back();
}

void Directory::add_stream(const std::string& id, Session& session) { streams_.emplace(id, &session); }

void Directory::remove_stream(const std::string& id) { streams_.erase(id); }

Session* Directory::find_stream(const std::string& id) const {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second;
}

void Directory::rename(Session& session, const AccountId& before) {
    const auto& account = session.identity().account;
    if (account == before) return;
    forget_account(session, before);
    if (!account.empty()) by_account_.emplace(account, &session);
}

void Directory::forget_account(const Session& session, const AccountId& account) {
    const auto [first, last] = by_account_.equal_range(account);
    const auto known = std::find_if(first, last, [&](const auto& entry) { return entry.second == &session; });
    if (known != last) by_account_.erase(known);
}

std::int64_t Directory::queued_bytes() const {
    std::size_t bytes = 0;
    for (const auto* session : sessions_) bytes += session->queued_bytes();
    return static_cast<std::int64_t>(bytes);
}

void Directory::on_order(std::string_view payload) {
    const auto space = payload.find(' ');
    v1::ServerMessage message;
    if (space == payload.npos ||
        !message.mutable_order_changed()->mutable_order()->ParseFromString(std::string(payload.substr(space + 1)))) {
        log::error("order_message_malformed", {{"bytes", payload.size()}});
        return;
    }
    const auto [first, last] = by_account_.equal_range(AccountId(std::string(payload.substr(0, space))));
    for (auto entry = first; entry != last; ++entry)
        entry->second->push(room::to_frame(room::encode(message, entry->second->format()), entry->second->format()));
}

void Directory::push_dashboard(const SharedBytes& proto, const SharedBytes& json) {
    std::array<SharedBytes, room::format_count> frames;
    for (auto* session : sessions_) {
        if (!session->watches_dashboard()) continue;
        const auto format = session->format();
        auto& frame = frames[static_cast<std::size_t>(format)];
        if (!frame) frame = room::to_frame(room::is_json(format) ? *json : *proto, format);
        session->push(frame);
    }
}

void Directory::end_sign_in(const std::string& session_id) {
    for (auto* session : sessions_)
        if (session->identity().session_id == session_id) session->close(close_sign_in_ended, "signed out");
}

void Directory::remove_from_room(const v1::BanChanged& ban, const RoomId& room) {
    const auto message = removed(room);
    const auto& devices = ban.devices();
    const auto is_meant = [&](const Session& session) {
        if (session.identity().account.str() == ban.account_id()) return true;
        if (auth::role_in(session.identity(), room) != auth::Role::viewer) return false;
        return session.device() != 0 && std::find(devices.begin(), devices.end(), auth::device_text(session.device())) != devices.end();
    };
    for (auto* session : sessions_) {
        if (session->membership(room) == nullptr || !is_meant(*session)) continue;
        session->leave(room);
        session->push(room::to_frame(room::encode(message, session->format()), session->format()));
    }
}

net::Task<> Directory::drain(std::chrono::milliseconds duration) {
    std::vector<std::weak_ptr<Session>> waiting;
    for (auto* session : sessions_) waiting.push_back(session->weak_from_this());
    const auto steps = std::max<std::int64_t>(1, duration / drain_step);
    const auto batch = waiting.size() / static_cast<std::size_t>(steps) + 1;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        if (const auto session = waiting[i].lock()) session->close(net::close_code::shutdown, "shutting down, come back");
        if (i % batch == batch - 1) co_await net::sleep_for(drain_step);
    }
}

void Directory::abort_all() {
    for (auto* session : sessions_) session->abort();
}

}  // namespace livefair::gateway
