#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "net/task.hpp"

namespace livefair::v1 {
class BanChanged;
}

namespace livefair::gateway {

class Session;

/// The sessions of one shard, found by account. Lives on its shard; not thread-safe. Sessions add and remove themselves.
class Directory {
public:
    void add(Session& session);
    void remove(Session& session);
    /// The session's account has changed from `before`.
    void rename(Session& session, const AccountId& before);

    /// Sessions over server-sent events, found by the secret that their own messages come with.
    void add_stream(const std::string& id, Session& session);
    void remove_stream(const std::string& id);
    /// Null: there is none.
    Session* find_stream(const std::string& id) const;

    /// What waits in the outboxes of all sessions. O(sessions).
    std::int64_t queued_bytes() const;
    std::size_t size() const { return sessions_.size(); }

    /// A message of the channel lf:orders, "<account id> " and Order bytes: to all sessions of that account.
    void on_order(std::string_view payload);
    /// One Dashboard message, encoded both ways, to all sessions that watch it.
    void push_dashboard(const SharedBytes& proto, const SharedBytes& json);
    /// Closes the sockets that signed in with this session (its public id).
    void end_sign_in(const std::string& session_id);
    /// Takes an account that was banned, and its devices, out of the room, and tells their connections there. Staff stay.
    void remove_from_room(const v1::BanChanged& ban, const RoomId& room);
    /// Closes every socket with 3001, evenly over `duration`, so that the viewers don't all come back in the same moment.
    net::Task<> drain(std::chrono::milliseconds duration);
    /// Drops every connection that is still there.
    void abort_all();

private:
    void forget_account(const Session& session, const AccountId& account);

    std::vector<Session*> sessions_;  ///< Each knows its place in it.
    std::unordered_multimap<AccountId, Session*> by_account_;
    std::unordered_map<std::string, Session*> streams_;  ///< By id.
};

}  // namespace livefair::gateway
