#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>

#include "auth/push_target.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "push/pusher.hpp"
#include "stream/stream.hpp"

namespace livefair::v1 {
class StreamState;
}

namespace livefair::push {

/// By target id.
using Targets = std::map<std::string, auth::PushTarget>;

/// All targets of one room: hands each packet to every pusher. Lives on the room's shard. Targets are kept while the publisher is gone
/// for some seconds, then left until it is back.
class RoomPushes final : public stream::Reader, public std::enable_shared_from_this<RoomPushes> {
public:
    RoomPushes(net::Shard& shard, const Clock& clock, const PushOptions& options, RoomId room);
    ~RoomPushes() override;

    /// New ones are begun, missing ones stopped, changed ones begun anew; at most 8 are taken.
    void set_targets(const Targets& targets);
    /// The show is over, or the room closes: every target is left.
    void leave();
    void describe(v1::StreamState& state) const;

    void on_run(const stream::Tracks& tracks) override;
    void on_packet(const stream::Packet& packet) override;
    void on_run_end() override;

private:
    void want(bool wanted);

    net::Shard& shard_;
    const Clock& clock_;
    const PushOptions options_;
    const RoomId room_;
    net::asio::steady_timer pause_;  // since the publisher went
    std::map<std::string, std::shared_ptr<Pusher>> pushers_;
    std::shared_ptr<const stream::Tracks> tracks_;
    bool wanted_ = false;
};

}  // namespace livefair::push
