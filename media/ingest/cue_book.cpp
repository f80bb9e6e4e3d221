#include "ingest/cue_book.hpp"

#include <livefair/v1/room.pb.h>

#include <algorithm>

#include "base/id.hpp"

namespace livefair::ingest {
namespace {

constexpr std::size_t cues_max = 256;
constexpr std::size_t title_bytes_max = 240;

/// At most title_bytes_max of `text`, never half a character.
std::string short_title(std::string_view text) {
    if (text.size() > title_bytes_max) {
        auto end = title_bytes_max;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
        text = text.substr(0, end);
    }
    return std::string(text);
}

/// Redis' time of the event is in the id, so that the same pin has the same id however often it is read.
std::string cue_id(const char* kind, std::int64_t at_ms, const std::string& offer_id) {
    return kind + std::to_string(at_ms) + "-" + offer_id;
}

}  // namespace

void CueBook::on_event(std::string_view bytes) {
    v1::RoomEvent event;
    if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    if (event.has_pin()) pin(event.pin(), event.at_ms());
    if (event.has_offer()) offer(event.offer().offer(), event.at_ms());
}

void CueBook::on_state(std::string_view bytes, std::int64_t now_ms) {
    if (!bytes.empty()) return on_event(bytes);
    end(hls::Cue::Kind::pin, {}, now_ms);
}

void CueBook::on_time(std::int64_t now_ms) {
    const auto before = cues_.size();
    bool changed = false;
    for (auto& cue : cues_)
        if (!cue.end_ms && cue.planned_end_ms && *cue.planned_end_ms <= now_ms) {
            cue.end_ms = std::max(*cue.planned_end_ms, cue.start_ms);
            changed = true;
        }
    std::erase_if(cues_, [&](const hls::Cue& cue) { return cue.end_ms && *cue.end_ms + keep_ms_ < now_ms; });
    if (changed || cues_.size() != before) share();
}

/// A later pin counts from its own time on, but never from before the one it replaces: two pins at once would be one too many.
void CueBook::pin(const v1::PinChanged& pin, std::int64_t at_ms) {
    auto start_ms = pin.media_time_ms() > 0 ? pin.media_time_ms() : at_ms;
    const auto id = cue_id("pin-", at_ms, pin.offer_id());
    for (const auto& cue : cues_) {
        if (cue.id == id) return;
        if (cue.kind == hls::Cue::Kind::pin) start_ms = std::max(start_ms, cue.end_ms.value_or(cue.start_ms));
    }
    end(hls::Cue::Kind::pin, {}, start_ms);
    if (is_id_text(pin.offer_id()))
        add({id, hls::Cue::Kind::pin, start_ms, {}, pin.offer_id(), short_title(pin.title()), std::max<std::int64_t>(pin.price_fen(), 0), {}});
}

/// An open sale is told again whenever its offer changes; its cue keeps what it said first.
void CueBook::offer(const v1::Offer& offer, std::int64_t at_ms) {
    if (offer.state() != v1::OFFER_STATE_OPEN) return end(hls::Cue::Kind::sale, offer.id(), at_ms);
    if (offer.kind() != v1::OFFER_KIND_FLASH || !is_id_text(offer.id())) return;
    for (const auto& cue : cues_)
        if (cue.kind == hls::Cue::Kind::sale && cue.offer_id == offer.id() && (!cue.end_ms || cue.start_ms == at_ms)) return;
    std::optional<std::int64_t> planned;
    if (offer.close_ms() > at_ms) planned = offer.close_ms();
    add({cue_id("sale-", at_ms, offer.id()), hls::Cue::Kind::sale, at_ms, {}, offer.id(), short_title(offer.title()),
         std::max<std::int64_t>(offer.price_fen(), 0), planned});
}

/// Ends the open cues of `kind`; of one offer alone when one is named.
void CueBook::end(hls::Cue::Kind kind, std::string_view offer_id, std::int64_t at_ms) {
    bool changed = false;
    for (auto& cue : cues_)
        if (cue.kind == kind && !cue.end_ms && (offer_id.empty() || cue.offer_id == offer_id)) {
            cue.end_ms = std::max(at_ms, cue.start_ms);
            changed = true;
        }
    if (changed) share();
}

void CueBook::add(hls::Cue cue) {
    if (cues_.size() >= cues_max) {
        const auto ended = std::find_if(cues_.begin(), cues_.end(), [](const hls::Cue& old) { return old.end_ms.has_value(); });
        cues_.erase(ended == cues_.end() ? cues_.begin() : ended);
    }
    const auto after = std::upper_bound(cues_.begin(), cues_.end(), cue.start_ms,
                                        [](std::int64_t start_ms, const hls::Cue& other) { return start_ms < other.start_ms; });
    cues_.insert(after, std::move(cue));
    share();
}

}  // namespace livefair::ingest
