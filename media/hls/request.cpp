#include "hls/request.hpp"

#include <algorithm>
#include <charconv>

namespace livefair::hls {
namespace {

constexpr std::uint64_t number_max = std::uint64_t{1} << 53;

/// Plain decimal digits, nothing else.
std::optional<std::uint64_t> to_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || at != end || value >= number_max) return std::nullopt;
    return value;
}

/// `text` without `prefix` and `suffix`; nothing if it has not both.
std::optional<std::string_view> between(std::string_view text, std::string_view prefix, std::string_view suffix) {
    if (text.size() < prefix.size() + suffix.size() || !text.starts_with(prefix) || !text.ends_with(suffix)) return std::nullopt;
    return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

const Segment* find_segment(const Snapshot& snapshot, std::uint64_t sequence) {
    for (const auto& segment : snapshot.segments)
        if (segment->sequence == sequence) return segment.get();
    return nullptr;
}

const Part* find_part(const Segment& segment, std::uint64_t number) {
    if (segment.parts.empty() || number < segment.parts.front().number) return nullptr;
    const auto index = number - segment.parts.front().number;
    return index < segment.parts.size() ? &segment.parts[index] : nullptr;
}

/// How many parts beyond the last one a client may ask for (RFC 8216bis: the Advance Part Limit).
std::uint64_t advance_part_limit(const Timing& timing) {
    if (timing.part_target_us >= 1'000'000) return 3;
    return static_cast<std::uint64_t>((3'000'000 + timing.part_target_us - 1) / timing.part_target_us);
}

}  // namespace

Result<PlaylistRequest> parse_playlist_request(const std::map<std::string, std::string>& query) {
    PlaylistRequest request;
    if (const auto found = query.find("_HLS_msn"); found != query.end()) {
        request.sequence = to_number(found->second);
        if (!request.sequence) return make_error_code(Errc::invalid_input);
    }
    if (const auto found = query.find("_HLS_part"); found != query.end()) {
        request.part = to_number(found->second);
        if (!request.part || !request.sequence) return make_error_code(Errc::invalid_input);
    }
    const auto skip = query.find("_HLS_skip");
    request.skip = skip != query.end() && (skip->second == "YES" || skip->second == "v2");
    return request;
}

Result<Resource> parse_resource(std::string_view name) {
    if (name == "index.m3u8") return Resource{Resource::Kind::index};
    if (name == "live.m3u8") return Resource{Resource::Kind::live};
    if (const auto text = between(name, "init_", ".mp4"))
        if (const auto id = to_number(*text)) return Resource{Resource::Kind::init, 0, *id};
    if (const auto text = between(name, "seg_", ".m4s"))
        if (const auto sequence = to_number(*text)) return Resource{Resource::Kind::segment, 0, *sequence};
    if (const auto text = between(name, "part_", ".m4s")) {
        const auto split = text->find('_');
        const auto session = to_number(text->substr(0, split));
        const auto number = split == std::string_view::npos ? std::nullopt : to_number(text->substr(split + 1));
        if (session && number) return Resource{Resource::Kind::part, *session, *number};
    }
    return make_error_code(Errc::not_found);
}

Verdict judge_playlist(const Snapshot& snapshot, const PlaylistRequest& request, const Timing& timing) {
    if (snapshot.ended) return snapshot.segments.empty() ? Verdict::missing : Verdict::ready;
    if (snapshot.segments.empty()) return Verdict::wait;
    if (!request.sequence) return Verdict::ready;
    auto sequence = *request.sequence;
    auto part = request.part.value_or(0);
    // next_sequence is one past the last complete segment, so "last + 2" is next_sequence + 1.
    if (sequence > snapshot.next_sequence + 1) return Verdict::bad;
    if (const auto* complete = find_segment(snapshot, sequence); complete && part >= complete->parts.size()) {
        ++sequence;
        part = 0;
    }
    if (sequence < snapshot.next_sequence) return Verdict::ready;
    const auto open_parts = snapshot.open ? snapshot.open->parts.size() : 0;
    if (sequence == snapshot.next_sequence) {
        if (part < open_parts) return Verdict::ready;
        if (part > open_parts + advance_part_limit(timing)) return Verdict::bad;
    }
    return Verdict::wait;
}

Found find_resource(const Snapshot& snapshot, const Resource& resource) {
    if (resource.kind == Resource::Kind::segment) {
        const auto* segment = find_segment(snapshot, resource.number);
        if (!segment) return {};
        Found found{Verdict::ready, {}, segment->init->bytes, segment->file};
        for (const auto& part : segment->parts) found.bytes.push_back(part.bytes);
        return found;
    }
    const auto scan = [&](const auto& visit) {
        if (snapshot.open && visit(*snapshot.open)) return true;
        return std::any_of(snapshot.segments.rbegin(), snapshot.segments.rend(), [&](const auto& segment) { return visit(*segment); });
    };
    Found found;
    if (resource.kind == Resource::Kind::init) {
        scan([&](const Segment& segment) {
            if (segment.init->id == resource.number) found = {Verdict::ready, {segment.init->bytes}, segment.init->bytes, {}};
            return found.verdict == Verdict::ready;
        });
    } else if (resource.kind == Resource::Kind::part && resource.session == snapshot.session) {
        if (resource.number == snapshot.next_part && !snapshot.ended) return {Verdict::wait, {}, {}, {}};
        scan([&](const Segment& segment) {
            if (const auto* part = find_part(segment, resource.number)) found = {Verdict::ready, {part->bytes}, segment.init->bytes, {}};
            return found.verdict == Verdict::ready;
        });
    }
    return found;
}

}  // namespace livefair::hls
