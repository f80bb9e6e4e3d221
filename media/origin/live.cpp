#include "origin/live.hpp"

#include <utility>

#include "base/metrics.hpp"
#include "hls/audio_only.hpp"
#include "hls/segmenter.hpp"
#include "origin/answer.hpp"

namespace livefair::origin {
namespace {

using Kind = hls::Resource::Kind;

constexpr const char* playlist_type = "application/vnd.apple.mpegurl";

std::string stream_name(const RoomId& room, const std::string& rendition) { return room.str() + '/' + rendition; }

/// From one rendition's folder to another's media playlist.
std::string uri_of(const std::string& from, const std::string& to) {
    return (from.empty() ? "" : "../") + (to.empty() ? "" : to + "/") + "live.m3u8";
}

/// The bytes of a file without their video.
Result<std::vector<SharedBytes>> audio_of(const hls::Found& found, Kind kind) {
    std::vector<SharedBytes> audio;
    for (const auto& bytes : found.bytes) {
        auto cut = kind == Kind::init ? hls::audio_only_init(*bytes) : hls::audio_only_part(*found.init, *bytes);
        if (!cut) return cut.error();
        audio.push_back(share_bytes(std::move(*cut)));
    }
    return audio;
}

/// Media files never change under one name.
net::HttpResponse media_file(std::vector<SharedBytes> body, const std::string& name) {
    net::HttpResponse response;
    response.content_type = "video/mp4";
    response.headers.emplace_back("Cache-Control", "public, max-age=86400, immutable");
    response.headers.emplace_back("ETag", '"' + name + '"');
    response.ranges = true;
    response.body = std::move(body);
    return response;
}

}  // namespace

Live::Live(const Config& config, net::Shards& shards, hls::Publications& publications)
    : timing_(hls::timing_of(config.media.part_ms, config.media.segment_ms, config.media.window_segments)),
      wait_max_(std::chrono::seconds(3 * timing_.target_duration_s)),  // RFC 8216bis 6.2.5.2
      audio_rendition_(config.media.audio_rendition),
      publications_(publications),
      parking_(shards, static_cast<std::size_t>(config.media.blocked_requests_max)) {
    publications_.set_on_change(
        [this](const RoomId& room, const std::string& rendition) { parking_.wake(stream_name(room, rendition)); });
}

net::Task<net::HttpResponse> Live::answer(net::Shard& shard, const net::HttpRequest& request) {
    auto path = parse_live_path(request.path);
    if (!path) co_return problem(404, Errc::not_found);
    const auto directives = hls::parse_playlist_request(request.query);
    if (!directives) co_return problem(400, Errc::invalid_input);
    Ask ask{std::move(*path), request.path.substr(request.path.rfind('/') + 1), *directives, request.accepts_gzip(), false};
    ask.audio_only = audio_rendition_ && ask.path.rendition == audio_rendition;
    if (ask.audio_only) ask.path.rendition.clear();  // it is made of the source
    static auto waiting = metrics::gauge("livefair_media_blocked_requests", "Playlist and part requests that wait");
    const auto deadline = std::chrono::steady_clock::now() + wait_max_;
    for (;;) {
        // The snapshot is let go before the wait: thousands of waiters must not keep old segments alive.
        if (const auto snapshot = find(ask)) {
            if (auto response = try_answer(*snapshot, ask)) co_return std::move(*response);
        } else {
            co_return problem(404, Errc::not_found);
        }
        waiting.add(1);
        const auto woken = co_await parking_.wait(shard, stream_name(ask.path.room, ask.path.rendition), deadline);
        waiting.add(-1);
        if (!woken) co_return problem(503, to_errc(woken.error()));
    }
}

hls::Publications::Current Live::find(const Ask& ask) const {
    auto snapshot = publications_.find(ask.path.room, ask.path.rendition);
    if (snapshot && ask.audio_only && !has_audio_rendition(*snapshot)) return nullptr;
    return snapshot;
}

bool Live::has_audio_rendition(const hls::Snapshot& source) const {
    return audio_rendition_ && source.tracks->video && source.tracks->audio;
}

std::optional<net::HttpResponse> Live::try_answer(const hls::Snapshot& snapshot, const Ask& ask) const {
    const auto kind = ask.path.resource.kind;
    if (kind == Kind::index || kind == Kind::live) {
        switch (hls::judge_playlist(snapshot, kind == Kind::live ? ask.directives : hls::PlaylistRequest{}, timing_)) {
            case hls::Verdict::wait: return std::nullopt;
            case hls::Verdict::bad: return problem(400, Errc::invalid_input);
            case hls::Verdict::missing: return problem(404, Errc::not_found);
            case hls::Verdict::ready: return playlist(snapshot, ask);
        }
    }
    auto found = hls::find_resource(snapshot, ask.path.resource);
    if (found.verdict == hls::Verdict::wait) return std::nullopt;
    if (found.verdict != hls::Verdict::ready) return problem(404, Errc::not_found);
    if (!ask.audio_only) {
        const auto file = found.file ? found.file->get(found.bytes) : nullptr;
        auto response = media_file(std::move(found.bytes), ask.file);
        if (file) response.file = net::FileBody{file, 0, file->size()};
        return response;
    }
    auto audio = audio_of(found, kind);
    return audio ? media_file(std::move(*audio), ask.file) : problem(404, Errc::not_found);
}

net::HttpResponse Live::playlist(const hls::Snapshot& snapshot, const Ask& ask) const {
    using Rendered = hls::Rendered;
    const bool is_live = ask.path.resource.kind == Kind::live;
    const bool skips = ask.directives.skip && timing_.skip_until_us > 0;
    const auto kind = !is_live ? Rendered::Kind::multivariant : skips ? Rendered::Kind::media_delta : Rendered::Kind::media;
    auto text = snapshot.rendered.get(kind, ask.audio_only, ask.accepts_gzip, [&] {
        return is_live ? media_playlist(snapshot, ask) : multivariant_playlist(snapshot, ask);
    });
    net::HttpResponse response;
    response.content_type = playlist_type;
    // A blocking request names one version of the playlist, so what it got stays right; any other must soon be asked again
    // (RFC 8216bis B.1 has six target durations, and half of one).
    const auto age = is_live && ask.directives.sequence ? 6 * timing_.target_duration_s : 1;
    response.headers.emplace_back("Cache-Control", "public, max-age=" + std::to_string(age));
    response.compress = true;
    response.body = {std::move(text.plain)};
    response.gzip_body = std::move(text.gzip);
    return response;
}

std::string Live::media_playlist(const hls::Snapshot& snapshot, const Ask& ask) const {
    hls::MediaPlaylistForm form;
    form.delta = ask.directives.skip;
    form.audio_only = ask.audio_only;
    const auto own = ask.audio_only ? std::string(audio_rendition) : ask.path.rendition;
    for (const auto& [name, other] : publications_.find_all(ask.path.room)) {
        if (other->segments.empty() || other->ended) continue;
        // The source and what is cut out of it are at the same place; this snapshot may be newer or older than the current one.
        const auto& source = name == ask.path.rendition ? snapshot : *other;
        if (name != own) form.reports.push_back(hls::report_of(source, uri_of(own, name)));
        if (name.empty() && !ask.audio_only && has_audio_rendition(source))
            form.reports.push_back(hls::report_of(source, uri_of(own, std::string(audio_rendition))));
    }
    return hls::render_media_playlist(snapshot, timing_, form);
}

std::string Live::multivariant_playlist(const hls::Snapshot& snapshot, const Ask& ask) const {
    if (ask.audio_only || !ask.path.rendition.empty()) return hls::render_multivariant_playlist({{"live.m3u8", &snapshot, ask.audio_only}});
    std::vector<hls::Variant> variants = {{"live.m3u8", &snapshot, false}};
    const auto all = publications_.find_all(ask.path.room);
    for (const auto& [name, other] : all)
        if (!name.empty() && !other->segments.empty() && other->ended == snapshot.ended) variants.push_back({uri_of({}, name), other.get(), false});
    if (has_audio_rendition(snapshot)) variants.push_back({uri_of({}, std::string(audio_rendition)), &snapshot, true});
    return hls::render_multivariant_playlist(variants);
}

}  // namespace livefair::origin
