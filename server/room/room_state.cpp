#include "room/room_state.hpp"

#include <livefair/v1/room.pb.h>

#include <algorithm>

#include "base/check.hpp"

namespace livefair::room {

struct RoomState::Catalogue {
    v1::Show show;
    v1::PinChanged pin;
    std::string segment_id;
    v1::StreamState stream;
    v1::Counts counts;
    v1::ChatRules chat_rules;
    v1::QuestionBoard questions;
};

namespace {

/// Muted and banned accounts kept in mind, of each kind; the function in Redis has a bound of its own.
constexpr std::size_t accounts_max = 10'000;

using Deadlines = std::map<std::string, std::int64_t>;

void put_deadline(Deadlines& deadlines, const std::string& account, std::int64_t until_ms) {
    if (until_ms == 0) deadlines.erase(account);
    else if (deadlines.size() < accounts_max || deadlines.contains(account)) deadlines[account] = until_ms;
}

std::int64_t deadline_of(const Deadlines& deadlines, const std::string& account) {
    const auto found = deadlines.find(account);
    return found == deadlines.end() ? 0 : found->second;
}

constexpr std::string_view held_prefix = "held:";

v1::Offer* find_offer(v1::Show& show, const std::string& offer_id) {
    auto& offers = *show.mutable_offers();
    const auto found = std::find_if(offers.begin(), offers.end(), [&](const v1::Offer& offer) { return offer.id() == offer_id; });
    return found == offers.end() ? nullptr : &*found;
}

void put_offer(v1::Show& show, const v1::Offer& offer) {
    if (!offer.show_id().empty() && offer.show_id() != show.id()) return;  // of an earlier show in the same room
    if (auto* known = find_offer(show, offer.id())) *known = offer;
    else *show.add_offers() = offer;
}

}  // namespace

std::string RoomState::latest_key(const v1::RoomEvent& event) {
    switch (event.body_case()) {
        case v1::RoomEvent::kStock: return "stock:" + event.stock().offer_id();
        case v1::RoomEvent::kCounts: return "counts";
        case v1::RoomEvent::kTotals: return "totals";
        case v1::RoomEvent::kStream: return "stream";
        case v1::RoomEvent::kHealth: return "health";
        case v1::RoomEvent::kFeed: return "feed";
        case v1::RoomEvent::kQuestions: return "questions";
        case v1::RoomEvent::kQuestionQueue: return "question_queue";
        case v1::RoomEvent::kChatHeld: return std::string(held_prefix) + event.chat_held().line().id();
        case v1::RoomEvent::kChatReviewed: return std::string(held_prefix) + event.chat_reviewed().chat_id();
        default: return {};
    }
}

RoomState::RoomState(RoomId room, Limits limits)
    : room_(std::move(room)), limits_(limits), now_(std::make_unique<Catalogue>()) {}

RoomState::~RoomState() = default;

void RoomState::reset(const StoredRoom& stored) {
    epoch_ = stored.epoch;
    seq_ = stored.seq;
    ring_.clear();
    chat_.clear();
    muted_.clear();
    banned_.clear();
    banned_by_device_.clear();
    now_->chat_rules.Clear();
    now_->pin.Clear();
    now_->segment_id.clear();
    now_->counts.clear_likes();
    now_->questions.Clear();
    for (const char* key : {"questions", "question_queue"}) latest_.erase(key);
    for (const auto& [field, value] : stored.state) apply_stored_field(field, value);
    for (const auto& entry : stored.history) {
        auto event = std::make_shared<v1::SequencedEvent>();
        if (entry.seq > stored.seq || !event->mutable_event()->ParseFromString(entry.event)) continue;
        event->set_seq(entry.seq);
        if (!ring_.empty() && ring_.back()->seq() + 1 != entry.seq) ring_.clear();
        remember(event);
    }
}

void RoomState::apply_stored_field(const std::string& field, const std::string& value) {
    if (field == "likes") {
        now_->counts.set_likes(std::strtoll(value.c_str(), nullptr, 10));
        return;
    }
    auto event = std::make_shared<v1::SequencedEvent>();
    if (!event->mutable_event()->ParseFromString(value)) return;
    apply_body(event->event());
    remember_latest(event);
}

void RoomState::set_show(const v1::Show& show) {
    now_->show = show;
    // What the room was told since is newer than what the catalogue said.
    for (const auto& [key, event] : latest_)
        if (event->event().has_stock())
            if (auto* offer = find_offer(now_->show, event->event().stock().offer_id()))
                offer->set_left(event->event().stock().left());
}

void RoomState::set_stream(const v1::StreamState& stream) { now_->stream = stream; }

void RoomState::apply(const SharedEvent& event) {
    if (event->seq() == 0) {
        remember_latest(event);
    } else {
        LF_CHECK(event->seq() == seq_ + 1);
        seq_ = event->seq();
        remember(event);
    }
    apply_body(event->event());
}

void RoomState::apply_body(const v1::RoomEvent& event) {
    switch (event.body_case()) {
        case v1::RoomEvent::kPin: now_->pin = event.pin(); break;
        case v1::RoomEvent::kSegment: now_->segment_id = event.segment().segment_id(); break;
        case v1::RoomEvent::kShow: now_->show.set_state(event.show().state()); break;
        case v1::RoomEvent::kOffer: put_offer(now_->show, event.offer().offer()); break;
        case v1::RoomEvent::kStream: now_->stream = event.stream(); break;
        case v1::RoomEvent::kCounts: now_->counts = event.counts(); break;
        case v1::RoomEvent::kQuestions: now_->questions = event.questions(); break;
        case v1::RoomEvent::kFeed: interrupted_ = event.feed().interrupted(); break;
        case v1::RoomEvent::kStock:
            if (auto* offer = find_offer(now_->show, event.stock().offer_id())) offer->set_left(event.stock().left());
            break;
        case v1::RoomEvent::kMute: put_deadline(muted_, event.mute().account_id(), event.mute().until_ms()); break;
        case v1::RoomEvent::kBan:
            put_deadline(banned_, event.ban().account_id(), event.ban().until_ms());
            for (const auto& device : event.ban().devices())
                if (banned_by_device_.size() < accounts_max) banned_by_device_[device].insert(event.ban().account_id());
            break;
        case v1::RoomEvent::kChatRules: now_->chat_rules = event.chat_rules().rules(); break;
        default: break;
    }
}

void RoomState::remember(const SharedEvent& event) {
    ring_.push_back(event);
    if (ring_.size() > limits_.events_kept) ring_.pop_front();
    if (event->event().has_chat()) {
        chat_.push_back(event);
        if (chat_.size() > limits_.chat_lines) chat_.pop_front();
    } else if (event->event().has_chat_deleted()) {
        forget_chat(event->event().chat_deleted().chat_id());
    }
}

void RoomState::forget_chat(const std::string& chat_id) {
    std::erase_if(chat_, [&](const SharedEvent& line) { return line->event().chat().id() == chat_id; });
    // Those who resume must not get the words either: the seq stays, the text goes.
    for (auto& kept : ring_) {
        if (!kept->event().has_chat() || kept->event().chat().id() != chat_id) continue;
        auto emptied = std::make_shared<v1::SequencedEvent>(*kept);
        emptied->mutable_event()->mutable_chat()->clear_text();
        kept = std::move(emptied);
    }
}

void RoomState::remember_latest(const SharedEvent& event) {
    const auto key = latest_key(event->event());
    // Lines that wait are Redis' to keep: those who join late read them there.
    if (key.empty() || key.starts_with(held_prefix)) return;
    if (latest_.contains(key) || latest_.size() < limits_.latest_values) latest_[key] = event;
}

std::int64_t RoomState::muted_until_ms(const std::string& account) const { return deadline_of(muted_, account); }

std::int64_t RoomState::banned_until_ms(const std::string& account, const std::string& device) const {
    auto until_ms = deadline_of(banned_, account);
    const auto known = banned_by_device_.find(device);
    if (known == banned_by_device_.end()) return until_ms;
    for (const auto& other : known->second) until_ms = std::max(until_ms, deadline_of(banned_, other));
    return until_ms;
}

const v1::Show& RoomState::show() const { return now_->show; }

v1::Snapshot RoomState::snapshot() const {
    v1::Snapshot snapshot;
    snapshot.set_room_id(room_.str());
    snapshot.set_epoch(epoch_);
    snapshot.set_seq(seq_);
    *snapshot.mutable_show() = now_->show;
    if (!now_->pin.offer_id().empty()) *snapshot.mutable_pin() = now_->pin;
    snapshot.set_segment_id(now_->segment_id);
    snapshot.set_interrupted(interrupted_);
    if (now_->stream.status() != v1::STREAM_STATUS_UNSPECIFIED) *snapshot.mutable_stream() = now_->stream;
    *snapshot.mutable_counts() = now_->counts;
    if (now_->chat_rules.ByteSizeLong() > 0) *snapshot.mutable_chat_rules() = now_->chat_rules;
    if (now_->questions.open() > 0) *snapshot.mutable_questions() = now_->questions;
    for (const auto& line : chat_) *snapshot.add_chat() = *line;
    return snapshot;
}

bool RoomState::is_newest(const StoredEvent& stored) const {
    v1::RoomEvent event;
    if (ring_.empty() || stored.seq != seq_ || ring_.back()->seq() != seq_ || !event.ParseFromString(stored.event)) return false;
    return event.SerializeAsString() == ring_.back()->event().SerializeAsString();
}

bool RoomState::can_resume(std::string_view epoch, std::int64_t seq) const {
    if (epoch.empty() || epoch != epoch_ || seq < 0 || seq > seq_) return false;
    return seq == seq_ || (!ring_.empty() && ring_.front()->seq() <= seq + 1);
}

std::vector<SharedEvent> RoomState::events_after(std::int64_t seq) const {
    // The ring is contiguous, so the first one wanted is found by counting.
    const auto missed = std::min<std::int64_t>(seq_ - seq, static_cast<std::int64_t>(ring_.size()));
    return {ring_.end() - missed, ring_.end()};
}

std::vector<SharedEvent> RoomState::latest_values() const {
    std::vector<SharedEvent> values;
    for (const auto& [key, event] : latest_) values.push_back(event);
    return values;
}

}  // namespace livefair::room
