#include "hls/audio_only.hpp"

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"

namespace livefair::hls {
namespace {

struct Box {
    std::string_view type;
    std::string_view content;
    std::string_view whole;
};

/// The box at the front of `rest`, taken off it. Errors: Errc::invalid_input (also for 64-bit sizes, which no muxer of ours writes).
Result<Box> take_box(std::string_view& rest) {
    ByteReader reader(rest);
    const auto size = reader.big_endian(4);
    const auto type = reader.take(4);
    if (!size || !type || *size < 8 || *size > rest.size()) return make_error_code(Errc::invalid_input);
    const Box box{*type, rest.substr(8, *size - 8), rest.substr(0, *size)};
    rest.remove_prefix(*size);
    return box;
}

/// Content of the first box of this type; nothing when there is none.
std::optional<std::string_view> find_box(std::string_view rest, std::string_view type) {
    while (!rest.empty()) {
        const auto box = take_box(rest);
        if (!box) return std::nullopt;
        if (box->type == type) return box->content;
    }
    return std::nullopt;
}

void append_box(std::string& out, std::string_view type, std::string_view content) {
    ByteWriter head;
    out += head.big_endian(content.size() + 8, 4).append(type).bytes();
    out += content;
}

/// Zero where `bytes` does not reach.
std::uint64_t number_at(std::string_view bytes, std::size_t offset, std::size_t width) {
    if (offset > bytes.size()) return 0;
    const auto value = ByteReader(bytes.substr(offset)).big_endian(width);
    return value ? *value : 0;
}

/// Number of the track that a trak box describes, if it is audio.
std::optional<std::uint64_t> audio_track_id(std::string_view trak) {
    const auto header = find_box(trak, "tkhd"), media = find_box(trak, "mdia");
    const auto handler = media ? find_box(*media, "hdlr") : std::nullopt;
    if (!header || header->empty() || !handler || handler->size() < 12 || handler->substr(8, 4) != "soun") return std::nullopt;
    return number_at(*header, (*header)[0] == 1 ? 20 : 12, 4);  // version 1 has 64-bit times before it
}

Result<std::uint64_t> find_audio_track(std::string_view init) {
    const auto moov = find_box(init, "moov");
    if (!moov) return make_error_code(Errc::invalid_input);
    for (auto rest = *moov; !rest.empty();) {
        const auto box = take_box(rest);
        if (!box) return box.error();
        if (box->type != "trak") continue;
        if (const auto id = audio_track_id(box->content)) return *id;
    }
    return make_error_code(Errc::not_found);
}

/// The boxes of `content` but for those of type `filtered` whose number at `offset` is not `track`.
Result<std::string> filter(std::string_view content, std::string_view filtered, std::size_t offset, std::uint64_t track) {
    std::string out;
    for (auto rest = content; !rest.empty();) {
        const auto box = take_box(rest);
        if (!box) return box.error();
        if (box->type != filtered || number_at(box->content, offset, 4) == track) out += box->whole;
    }
    return out;
}

constexpr std::uint64_t has_data_offset = 0x1, has_first_flags = 0x4, has_duration = 0x100, has_size = 0x200, has_flags = 0x400,
                        has_composition = 0x800;
constexpr std::uint64_t default_has_base = 0x1, default_has_description = 0x2, default_has_duration = 0x8, default_has_size = 0x10;

/// What a run box says of its samples (8.8.8): where their bytes begin, from the moof's first byte, and how many there are.
struct Run {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

/// Errors: Errc::invalid_input - also for a run without an offset of its own.
Result<Run> read_run(std::string_view content, std::uint64_t default_size) {
    ByteReader reader(content);
    const auto flags = reader.big_endian(4), count = reader.big_endian(4), offset = reader.big_endian(4);
    if (!offset || !(*flags & has_data_offset)) return make_error_code(Errc::invalid_input);
    if (*flags & has_first_flags)
        if (!reader.take(4)) return make_error_code(Errc::invalid_input);
    const auto fields = [&](std::uint64_t mask) { return static_cast<std::uint64_t>(__builtin_popcountll(*flags & mask)) * 4; };
    const auto before = fields(has_duration), entry = fields(has_duration | has_size | has_flags | has_composition);
    if (entry > 0 && *count > reader.left() / entry) return make_error_code(Errc::invalid_input);
    Run run{*offset, 0};
    if (!(*flags & has_size)) run.bytes = *count * default_size;
    else
        for (std::uint64_t i = 0; i < *count; ++i) run.bytes += number_at(reader.rest(), i * entry + before, 4);
    return run;
}

std::uint64_t default_size_of(std::string_view header) {
    const auto flags = number_at(header, 0, 4);
    if (!(flags & default_has_size)) return 0;
    std::size_t at = 8;
    if (flags & default_has_base) at += 8;
    if (flags & default_has_description) at += 4;
    if (flags & default_has_duration) at += 4;
    return number_at(header, at, 4);
}

/// Copies one track fragment and, to `data`, its samples; its runs' offsets count from the first byte of `data` for now, and where they
/// stand in `out` is noted in `offsets`.
Result<> copy_fragment(std::string_view part, std::string_view traf, std::string& out, std::string& data, std::vector<std::size_t>& offsets) {
    const auto header = find_box(traf, "tfhd");
    const auto default_size = header ? default_size_of(*header) : 0;
    std::string copied;
    for (auto rest = traf; !rest.empty();) {
        const auto box = take_box(rest);
        if (!box) return box.error();
        if (box->type == "trun") {
            const auto run = read_run(box->content, default_size);
            if (!run) return run.error();
            if (run->offset > part.size() || run->bytes > part.size() - run->offset) return make_error_code(Errc::invalid_input);
            if (run->bytes > part.size() - data.size()) return make_error_code(Errc::invalid_input);  // the same bytes again and again
            offsets.push_back(out.size() + 8 + copied.size() + 16);  // behind both box heads, version, flags and count
            copied += box->whole;
            copied.replace(copied.size() - box->whole.size() + 16, 4, ByteWriter().big_endian(data.size(), 4).bytes());
            data += part.substr(run->offset, run->bytes);
        } else {
            copied += box->whole;
        }
    }
    append_box(out, "traf", copied);
    return {};
}

}  // namespace

Result<std::string> audio_only_init(std::string_view init) {
    const auto track = find_audio_track(init);
    if (!track) return track.error();
    std::string out;
    for (auto rest = init; !rest.empty();) {
        const auto box = take_box(rest);
        if (!box) return box.error();
        if (box->type != "moov") {
            out += box->whole;
            continue;
        }
        std::string moov;
        for (auto inner = box->content; !inner.empty();) {
            const auto child = take_box(inner);
            if (!child) return child.error();
            if (child->type == "trak" && audio_track_id(child->content) != *track) continue;
            if (child->type == "mvex") {
                const auto extends = filter(child->content, "trex", 4, *track);
                if (!extends) return extends.error();
                append_box(moov, "mvex", *extends);
            } else {
                moov += child->whole;
            }
        }
        append_box(out, "moov", moov);
    }
    return out;
}

Result<std::string> audio_only_part(std::string_view init, std::string_view part) {
    const auto track = find_audio_track(init);
    if (!track) return track.error();
    const auto moof = find_box(part, "moof");
    if (!moof) return make_error_code(Errc::invalid_input);
    part.remove_prefix(static_cast<std::size_t>(moof->data() - part.data()) - 8);  // offsets count from the moof
    std::string fragments, data;
    std::vector<std::size_t> offsets;
    for (auto rest = *moof; !rest.empty();) {
        const auto box = take_box(rest);
        if (!box) return box.error();
        const auto header = box->type == "traf" ? find_box(box->content, "tfhd") : std::nullopt;
        if (box->type != "traf") fragments += box->whole;
        else if (header && number_at(*header, 4, 4) == *track) {
            const auto copied = copy_fragment(part, box->content, fragments, data, offsets);
            if (!copied) return copied.error();
        }
    }
    const auto data_begins = 8 + fragments.size() + 8;
    for (const auto at : offsets) {
        const auto offset = number_at(fragments, at, 4) + data_begins;
        fragments.replace(at, 4, ByteWriter().big_endian(offset, 4).bytes());
    }
    std::string out;
    out.reserve(data_begins + data.size());
    append_box(out, "moof", fragments);
    append_box(out, "mdat", data);
    return out;
}

}  // namespace livefair::hls
