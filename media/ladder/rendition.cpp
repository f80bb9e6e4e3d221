#include "ladder/rendition.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace livefair::ladder {
namespace {

using namespace std::chrono_literals;

constexpr auto pause_after_overload = 10s;
/// The source's snapshot that tells where a segment began comes one part after its key frame.
constexpr std::size_t waiting_packets_max = 300;
/// Where a segment is cut without a key frame, the two renditions' times differ by what the wall clock's map moved meanwhile.
constexpr std::int64_t in_step_ms = 100;

}  // namespace

Rendition::Rendition(net::Shard& shard, const Clock& clock, Rung rung, hls::SegmenterOptions options, Publish publish)
    : shard_(shard), clock_(clock), rung_(std::move(rung)), options_(options), publish_(std::move(publish)) {}

void Rendition::on_run(const stream::Tracks& tracks) {
    tracks_ = tracks;
    waiting_.clear();
    if (worker_) push(Worker::Begin{tracks});
}

void Rendition::on_packet(const stream::Packet& packet) {
    if (worker_) return push(packet);
    if (tracks_.video && tracks_.video->height > rung_.height && clock_.steady() >= not_before_) collect(packet);
}

void Rendition::collect(const stream::Packet& packet) {
    if (packet.track == stream::Track::video && packet.key) waiting_.clear();
    if (waiting_.empty() && !(packet.track == stream::Track::video && packet.key)) return;
    if (waiting_.size() >= waiting_packets_max) return waiting_.clear();
    waiting_.push_back(packet);
}

void Rendition::on_run_end() {
    waiting_.clear();
    if (worker_) push(Worker::End{});
}

void Rendition::on_source(const hls::Snapshot& source) {
    if (worker_) {
        if (!is_in_step(source)) withdraw();
    } else if (!waiting_.empty() && source.open && source.open->program_time_ms == waiting_.front().wall_ms) {
        join(*source.open);
    }
}

void Rendition::join(const hls::Segment& segment) {
    auto options = options_;
    options.first_sequence = segment.sequence;
    options.first_discontinuity = segment.discontinuity_sequence;
    segmenter_.emplace(options, [this](std::shared_ptr<const hls::Snapshot> snapshot) {
        newest_ = snapshot;
        publish_(std::move(snapshot));
    });
    ++generation_;
    worker_ = std::make_unique<Worker>(rung_, [this, weak = weak_from_this(), generation = generation_](Result<std::vector<Worker::Item>> made) {
        shard_.post([weak, generation, made = std::move(made)]() mutable {
            if (const auto self = weak.lock()) self->take(generation, std::move(made));
        });
    });
    push(Worker::Begin{tracks_});
    for (auto& packet : std::exchange(waiting_, {}))
        if (worker_) push(std::move(packet));
}

void Rendition::push(Worker::Item item) {
    if (!worker_->push(std::move(item))) withdraw();
}

void Rendition::take(std::uint64_t generation, Result<std::vector<Worker::Item>> made) {
    if (generation != generation_ || !worker_) return;
    if (!made) return withdraw();
    for (auto& item : *made) take_item(std::move(item));
    if (segmenter_ && !segmenter_->status()) withdraw();
}

void Rendition::take_item(Worker::Item item) {
    if (const auto* begin = std::get_if<Worker::Begin>(&item)) {
        deliver(true);
        both_tracks_ = begin->tracks.video && begin->tracks.audio;
        segmenter_->on_run(begin->tracks);
    } else if (auto* packet = std::get_if<stream::Packet>(&item)) {
        interleaver_.push(std::move(*packet));
        deliver(!both_tracks_);
    } else {
        deliver(true);
        segmenter_->on_run_end();
    }
}

void Rendition::deliver(bool flush) {
    while (const auto packet = interleaver_.pop(flush)) segmenter_->on_packet(*packet);
}

/// Whether the newest segment that both have began at the same time in both.
bool Rendition::is_in_step(const hls::Snapshot& source) const {
    if (!newest_ || newest_->segments.empty()) return true;
    const auto& ours = *newest_->segments.back();
    const auto theirs = std::find_if(source.segments.rbegin(), source.segments.rend(), [&](const auto& segment) { return segment->sequence <= ours.sequence; });
    return theirs == source.segments.rend() || (*theirs)->sequence != ours.sequence ||
           std::abs((*theirs)->program_time_ms - ours.program_time_ms) <= in_step_ms;
}

void Rendition::on_show_end() {
    waiting_.clear();
    if (segmenter_) segmenter_->end();
}

void Rendition::withdraw() {
    ++withdrawals_;
    ++generation_;
    worker_.reset();
    segmenter_.reset();
    newest_.reset();
    interleaver_ = {};
    not_before_ = clock_.steady() + pause_after_overload;
    publish_(nullptr);
}

}  // namespace livefair::ladder
