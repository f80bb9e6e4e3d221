#include "origin/replay.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "hls/request.hpp"
#include "origin/answer.hpp"
#include "record/library.hpp"
#include "record/replay.hpp"

namespace livefair::origin {
namespace {

constexpr std::size_t known_max = 64;
constexpr const char* playlist_type = "application/vnd.apple.mpegurl";
constexpr const char* immutable = "public, max-age=86400, immutable";
/// A recording that is being written grows by a segment every few seconds.
constexpr const char* short_lived = "public, max-age=2";

net::HttpResponse text_answer(std::string text, const char* content_type, const char* cache_control) {
    auto response = net::HttpResponse::text(200, std::move(text), content_type);
    response.headers.emplace_back("Cache-Control", cache_control);
    response.compress = true;
    return response;
}

net::HttpResponse file_answer(const std::string& path, const char* content_type) {
    auto opened = net::OpenFile::open(path);
    if (!opened) return problem(404, Errc::not_found);
    net::HttpResponse response;
    response.content_type = content_type;
    response.headers.emplace_back("Cache-Control", immutable);
    const auto size = (*opened)->size();
    response.file = net::FileBody{std::move(*opened), 0, size};
    response.ranges = true;
    return response;
}

/// Whether `name` is an init, or a segment that is whole: the one being written still grows.
bool is_recorded(const record::Recording& recording, const std::string& name) {
    const auto resource = hls::parse_resource(name);
    if (!resource || resource->kind == hls::Resource::Kind::part) return false;
    if (resource->kind == hls::Resource::Kind::init) return true;
    return resource->kind == hls::Resource::Kind::segment &&
           std::any_of(recording.segments.rbegin(), recording.segments.rend(), [&](const auto& segment) { return segment.sequence == resource->number; });
}

/// The cue in "clip_{cue}.m3u8" or "clip_{cue}.mp4"; empty: another name.
std::string cue_in(std::string_view name, std::string_view after) {
    constexpr std::string_view before = "clip_";
    if (!name.starts_with(before) || !name.ends_with(after) || name.size() <= before.size() + after.size()) return {};
    return std::string(name.substr(before.size(), name.size() - before.size() - after.size()));
}

}  // namespace

net::Task<net::HttpResponse> Replay::answer(net::Shard& shard, const net::HttpRequest& request) {
    auto rest = std::string_view(request.path).substr(replay_prefix.size());
    std::vector<std::string> names;
    for (std::size_t slash = 0; slash != std::string_view::npos && names.size() < 4;) {
        slash = rest.find('/');
        names.emplace_back(rest.substr(0, slash));
        if (slash != std::string_view::npos) rest.remove_prefix(slash + 1);
    }
    if (names.size() == 2 && is_id_text(names[0]) && names[1] == "list.json")
        co_return co_await on_disk(shard, std::bind_front(&Replay::list, this, names[0]));
    if (names.size() == 3 && is_id_text(names[0]) && is_id_text(names[1]))
        co_return co_await on_disk(shard, std::bind_front(&Replay::file, this, names[0], names[1], names[2]));
    co_return problem(404, Errc::not_found);
}

net::Task<net::HttpResponse> Replay::on_disk(net::Shard& shard, std::function<net::HttpResponse()> work) {
    struct Job {
        explicit Job(net::Shard& on) : done(on.context(), std::chrono::steady_clock::time_point::max()) {}
        net::HttpResponse response;
        net::asio::steady_timer done;
    };
    const auto job = std::make_shared<Job>(shard);
    boost::asio::post(disk_, [job, &shard, work = std::move(work)] {
        job->response = work();
        shard.post([job] { job->done.cancel(); });
    });
    // The cancel is posted to this shard, so it can't run before this wait has begun.
    co_await job->done.async_wait(net::as_result);
    co_return std::move(job->response);
}

std::shared_ptr<const record::Recording> Replay::load(const std::string& folder) {
    const auto path = std::filesystem::path(folder) / record::manifest_name;
    std::error_code ec;
    const auto bytes = std::filesystem::file_size(path, ec);
    const auto changed = ec ? std::filesystem::file_time_type() : std::filesystem::last_write_time(path, ec);
    if (ec) return nullptr;
    if (const auto known = known_.find(folder); known != known_.end() && known->second.bytes == bytes && known->second.changed == changed)
        return known->second.recording;
    const auto manifest = record::read_manifest(folder);
    auto recording = manifest ? record::to_recording(*manifest) : Result<record::Recording>(manifest.error());
    if (!recording) return nullptr;
    if (known_.size() >= known_max) known_.clear();
    auto shared = std::make_shared<const record::Recording>(std::move(*recording));
    known_[folder] = {bytes, changed, shared};
    return shared;
}

net::HttpResponse Replay::list(const std::string& room) {
    std::vector<std::shared_ptr<const record::Recording>> held;
    std::vector<record::ListedRecording> listed;
    for (const auto& folder : record::list_recordings(dir_, RoomId(room))) {
        auto recording = load(folder);
        if (!recording || recording->segments.empty()) continue;
        std::error_code ec;
        listed.push_back({recording.get(), std::filesystem::exists(std::filesystem::path(folder) / "poster.jpg", ec)});
        held.push_back(std::move(recording));
    }
    return text_answer(record::list_json(listed), "application/json", short_lived);
}

net::HttpResponse Replay::file(const std::string& room, const std::string& recording_id, const std::string& name) {
    const auto folder = (std::filesystem::path(dir_) / room / recording_id).string();
    if (name == "poster.jpg") return file_answer(folder + "/" + name, "image/jpeg");
    const auto recording = load(folder);
    if (!recording || recording->segments.empty()) return problem(404, Errc::not_found);
    if (is_recorded(*recording, name)) return file_answer(folder + "/" + name, "video/mp4");
    const auto* cache_control = recording->ended ? "public, max-age=60" : short_lived;
    if (name == "index.m3u8") return text_answer(record::render_replay(*recording), playlist_type, cache_control);
    if (name == "clips.json") return text_answer(record::clips_json(*recording), "application/json", cache_control);
    if (name.ends_with(".mp4")) return mp4(folder, recording, name);
    const auto cue = cue_in(name, ".m3u8");
    auto clip = cue.empty() ? std::nullopt : record::render_clip(*recording, cue);
    return clip ? text_answer(std::move(*clip), playlist_type, cache_control) : problem(404, Errc::not_found);
}

net::HttpResponse Replay::mp4(const std::string& folder, std::shared_ptr<const record::Recording> recording, const std::string& name) {
    std::optional<record::SegmentRange> range;
    if (name == "download.mp4" && recording->ended) range = record::SegmentRange{0, recording->segments.size()};
    if (const auto cue = cue_in(name, ".mp4"); !cue.empty()) range = record::clip_segments(*recording, cue);
    if (!range) return problem(404, Errc::not_found);
    const auto& segments = recording->segments;
    const auto file_name = recording->room + "_" + recording->id + "_" + std::to_string(segments[range->begin].sequence) + "-" +
                           std::to_string(segments[range->end - 1].sequence) + ".mp4";
    const auto asked = mp4_jobs_.ask(file_name, folder, recording, *range);
    if (!asked) return problem(to_errc(asked.error()) == Errc::too_many_requests ? 429 : 503, to_errc(asked.error()));
    if (asked->path.empty()) {
        auto waiting = net::HttpResponse::text(202, "{\"progress\":" + std::to_string(asked->progress) + "}");
        waiting.headers.emplace_back("Cache-Control", "no-store");
        return waiting;
    }
    auto response = file_answer(asked->path, "video/mp4");
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + file_name + "\"");
    return response;
}

}  // namespace livefair::origin
