#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "hls/segmenter.hpp"
#include "ladder/worker.hpp"
#include "net/shard.hpp"
#include "stream/interleaver.hpp"

namespace livefair::ladder {

/// One rung of one room as an HLS rendition: cut where the source is cut, with the source's sequence numbers. It joins at a segment's
/// beginning and leaves the multivariant playlist whenever it can't keep up or loses step, so that the source never suffers and a
/// player never finds two renditions out of step; some seconds later it joins again. Lives on the room's shard.
class Rendition : public std::enable_shared_from_this<Rendition> {
public:
    /// Null: the rung is not on offer now.
    using Publish = std::function<void(std::shared_ptr<const hls::Snapshot>)>;
    Rendition(net::Shard& shard, const Clock& clock, Rung rung, hls::SegmenterOptions options, Publish publish);

    void on_run(const stream::Tracks& tracks);
    void on_packet(const stream::Packet& packet);
    void on_run_end();
    /// The source's newest snapshot: which segment began where.
    void on_source(const hls::Snapshot& source);
    void on_show_end();
    bool has_joined() const { return worker_ != nullptr; }
    /// Times it had to leave.
    std::uint64_t withdrawals() const { return withdrawals_; }

private:
    void collect(const stream::Packet& packet);
    void join(const hls::Segment& segment);
    void push(Worker::Item item);
    void take(std::uint64_t generation, Result<std::vector<Worker::Item>> made);
    void take_item(Worker::Item item);
    void deliver(bool flush);
    bool is_in_step(const hls::Snapshot& source) const;
    void withdraw();

    net::Shard& shard_;
    const Clock& clock_;
    const Rung rung_;
    const hls::SegmenterOptions options_;
    const Publish publish_;
    stream::Tracks tracks_;               // of the source's run
    std::vector<stream::Packet> waiting_;  // from a key frame on that may begin a segment, until the source's snapshot tells
    std::chrono::steady_clock::time_point not_before_{};
    std::uint64_t generation_ = 0;  // of the worker; what an earlier one still delivers is dropped
    std::uint64_t withdrawals_ = 0;
    // While it has joined:
    std::unique_ptr<Worker> worker_;
    std::optional<hls::Segmenter> segmenter_;
    std::shared_ptr<const hls::Snapshot> newest_;
    stream::Interleaver interleaver_;
    bool both_tracks_ = false;
};

}  // namespace livefair::ladder
