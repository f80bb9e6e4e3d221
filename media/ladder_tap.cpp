#include "ladder_tap.hpp"

#include <stdexcept>
#include <utility>

#include "ladder/rendition.hpp"

namespace livefair::media {
namespace {

class LadderTap final : public ingest::Tap, public stream::Reader {
public:
    explicit LadderTap(std::vector<std::shared_ptr<ladder::Rendition>> renditions) : renditions_(std::move(renditions)) {}

    stream::Reader* reader() override { return this; }
    void on_run(const stream::Tracks& tracks) override {
        for (const auto& rendition : renditions_) rendition->on_run(tracks);
    }
    void on_packet(const stream::Packet& packet) override {
        for (const auto& rendition : renditions_) rendition->on_packet(packet);
    }
    void on_run_end() override {
        for (const auto& rendition : renditions_) rendition->on_run_end();
    }
    void on_snapshot(const std::shared_ptr<const hls::Snapshot>& source) override {
        for (const auto& rendition : renditions_) rendition->on_source(*source);
    }
    void on_show_end() override {
        for (const auto& rendition : renditions_) rendition->on_show_end();
    }

private:
    const std::vector<std::shared_ptr<ladder::Rendition>> renditions_;
};

}  // namespace

std::vector<ladder::Rung> rungs_of(const Config& config) {
    std::vector<ladder::Rung> rungs;
    for (const auto& name : config.ladder.renditions) {
        auto rung = ladder::parse_rung(name);
        if (!rung) throw std::runtime_error("ladder.renditions: \"" + name + "\" is no height such as \"480p\"");
        rungs.push_back(std::move(*rung));
    }
    return rungs;
}

std::unique_ptr<ingest::Tap> make_ladder_tap(net::Shard& shard, const Clock& clock, const Config& config, const RoomId& room,
                                             const std::vector<ladder::Rung>& rungs, hls::Publications& publications) {
    hls::SegmenterOptions options;
    options.part_ms = config.media.part_ms;
    options.segment_ms = config.media.segment_ms;
    options.window_segments = static_cast<std::size_t>(config.media.window_segments);
    std::vector<std::shared_ptr<ladder::Rendition>> renditions;
    for (const auto& rung : rungs) {
        const auto publish = [&publications, room, name = rung.name](std::shared_ptr<const hls::Snapshot> snapshot) {
            if (snapshot) publications.publish(room, std::move(snapshot), name);
            else publications.remove(room, name);
        };
        renditions.push_back(std::make_shared<ladder::Rendition>(shard, clock, rung, options, publish));
    }
    return std::make_unique<LadderTap>(std::move(renditions));
}

}  // namespace livefair::media
