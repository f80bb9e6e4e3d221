#pragma once

#include <livefair/v1/room.pb.h>
#include <livefair/v1/socket.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "room/live_room.hpp"
#include "support/frame.hpp"

namespace livefair::test {

inline room::SharedEvent event(std::int64_t seq, v1::RoomEvent body) {
    auto sequenced = std::make_shared<v1::SequencedEvent>();
    sequenced->set_seq(seq);
    sequenced->mutable_event()->Swap(&body);
    return sequenced;
}

inline v1::RoomEvent chat_line(const std::string& id, const std::string& text, v1::Role role = v1::ROLE_VIEWER) {
    v1::RoomEvent body;
    body.mutable_chat()->set_id(id);
    body.mutable_chat()->set_account_id("account-of-" + id);
    body.mutable_chat()->set_text(text);
    body.mutable_chat()->set_role(role);
    return body;
}

inline v1::RoomEvent pinned(const std::string& offer) {
    v1::RoomEvent body;
    body.mutable_pin()->set_offer_id(offer);
    body.mutable_pin()->set_media_time_ms(1234);
    return body;
}

inline v1::RoomEvent stock_left(const std::string& offer, std::int64_t left) {
    v1::RoomEvent body;
    body.mutable_stock()->set_offer_id(offer);
    body.mutable_stock()->set_left(left);
    return body;
}

inline v1::RoomEvent deleted(const std::string& chat) {
    v1::RoomEvent body;
    body.mutable_chat_deleted()->set_chat_id(chat);
    return body;
}

inline v1::RoomEvent muted(const std::string& account, std::int64_t until_ms) {
    v1::RoomEvent body;
    body.mutable_mute()->set_account_id(account);
    body.mutable_mute()->set_until_ms(until_ms);
    return body;
}

inline v1::RoomEvent sums(std::int64_t paid_fen) {
    v1::RoomEvent body;
    body.mutable_totals()->mutable_show()->set_paid_fen(paid_fen);
    return body;
}

/// A viewer of protobuf frames with everything it was sent.
struct TestViewer {
    explicit TestViewer(room::Audience seen_by = room::Audience::everyone) : audience(seen_by) {}
    room::Viewer viewer() { return {outbox, room::Format::proto, audience}; }
    std::vector<v1::ServerMessage> messages() {
        std::vector<v1::ServerMessage> all;
        while (const auto bytes = outbox.pop()) {
            all.emplace_back();
            all.back().ParseFromString(payload_of(*bytes));
        }
        return all;
    }
    room::Audience audience;
    room::Outbox outbox{1 << 20, [] {}};
};

}  // namespace livefair::test
