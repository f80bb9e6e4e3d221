#include "bench/media/fragment_reader.hpp"

#include <stdexcept>

#include "base/bytes.hpp"

namespace livefair::bench {
namespace {

struct Box {
    std::string_view type, content;
};

Box next_box(ByteReader& in) {
    const auto size = in.big_endian(4);
    const auto type = in.take(4);
    const auto content = size && *size >= 8 ? in.take(*size - 8) : Result<std::string_view>(make_error_code(Errc::invalid_input));
    if (!type || !content) throw std::runtime_error("a fragment is cut off");
    return {*type, *content};
}

/// The size of a run's first sample stands after the sample's duration, where there is one (ISO/IEC 14496-12 8.8.8).
void read_run(std::string_view content, std::string_view all, TrackRun& run) {
    ByteReader in(content);
    const auto flags = in.big_endian(4).value();
    run.samples = in.big_endian(4).value();
    const auto data_offset = in.big_endian(4).value();
    if ((flags & 0x100) != 0) static_cast<void>(in.big_endian(4));
    run.first_sample = all.substr(data_offset, in.big_endian(4).value());
}

void read_track(std::string_view content, std::string_view all, Fragment& fragment) {
    ByteReader in(content);
    TrackRun* run = nullptr;
    while (in.left() > 0) {
        const auto box = next_box(in);
        if (box.type == "tfhd") run = ByteReader(box.content.substr(4)).big_endian(4).value() == 1 ? &fragment.video : &fragment.audio;
        if (box.type == "tfdt" && run) run->decode_time = ByteReader(box.content.substr(4)).big_endian(8).value();
        if (box.type == "trun" && run) read_run(box.content, all, *run);
    }
}

}  // namespace

Fragment read_fragment(std::string_view bytes) {
    Fragment fragment;
    ByteReader in(bytes);
    const auto head = next_box(in);
    const auto data = next_box(in);
    if (head.type != "moof" || data.type != "mdat") throw std::runtime_error("not a fragment");
    fragment.bytes = bytes.size() - in.left();
    ByteReader boxes(head.content);
    while (boxes.left() > 0) {
        const auto box = next_box(boxes);
        if (box.type == "traf") read_track(box.content, bytes, fragment);
    }
    return fragment;
}

}  // namespace livefair::bench
