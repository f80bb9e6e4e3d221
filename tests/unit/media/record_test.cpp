#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "record/fragments.hpp"
#include "record/library.hpp"
#include "record/replay.hpp"
#include "record/writer.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace livefair;
using namespace livefair::record;
using livefair::test::read_file;
using livefair::test::TemporaryFolder;

namespace {

constexpr std::int64_t start_ms = 1'763'860'923'000;

std::string box(std::string_view type, std::size_t bytes) {
    ByteWriter out;
    out.big_endian(bytes + 8, 4).append(type).append(std::string(bytes, '\x01'));
    return out.take();
}
std::string part_bytes() { return box("moof", 100) + box("mdat", 400); }

hls::Segment segment_of(std::uint64_t sequence, bool discontinuity = false) {
    static const auto init = std::make_shared<const hls::Init>(hls::Init{100, share_bytes("ftyp moov"), true, true});
    hls::Segment segment;
    segment.sequence = sequence;
    segment.discontinuity = discontinuity;
    segment.program_time_ms = start_ms + static_cast<std::int64_t>(sequence - 100) * 2000;
    segment.duration_us = 2'000'000;
    segment.init = init;
    for (std::uint64_t part = 0; part < 3; ++part) segment.parts.push_back({(sequence - 100) * 3 + part, 700'000, part == 0, share_bytes(part_bytes())});
    return segment;
}

void write_segment(Writer& writer, const hls::Segment& segment) {
    REQUIRE(writer.open_segment(segment, segment.discontinuity));
    for (const auto& part : segment.parts) REQUIRE(writer.add_part(part));
    REQUIRE(writer.close_segment(segment));
}

/// Three segments, a cue from 1 s to 5 s, and an end. Returns the folder.
std::string make_recording(const std::string& dir) {
    auto writer = Writer::begin(dir, RoomId("hunan"), start_ms);
    REQUIRE(writer);
    for (std::uint64_t sequence = 100; sequence < 103; ++sequence) write_segment(**writer, segment_of(sequence));
    hls::Cue pin;
    pin.id = "pin-1";
    pin.start_ms = start_ms + 3000;
    pin.end_ms = start_ms + 5000;
    pin.title = "茶";
    REQUIRE((*writer)->add(CueEntry{pin}));
    REQUIRE((*writer)->add(EndEntry{start_ms + 6000, "show_ended"}));
    return (*writer)->folder();
}

void write_text(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

Recording recording_in(const std::string& folder) {
    const auto manifest = read_manifest(folder);
    REQUIRE(manifest);
    const auto recording = to_recording(*manifest);
    REQUIRE(recording);
    return *recording;
}

}  // namespace

TEST_CASE("what a writer writes is read back and verifies", "[record]") {
    TemporaryFolder dir;
    const auto folder = make_recording(dir.file("r"));
    CHECK(std::filesystem::path(folder).filename() == "20251123T012203Z");
    const auto recording = recording_in(folder);
    CHECK(recording.room == "hunan");
    CHECK(recording.segments.size() == 3);
    CHECK(recording.end_ms() == start_ms + 6000);
    CHECK(recording.bytes() == 3 * 3 * part_bytes().size());
    CHECK(recording.ended);
    CHECK(has_ended(folder));
    CHECK(verify(folder).empty());
    CHECK(list_below(dir.file("r")) == std::vector<std::string>{folder});
    CHECK(list_below(dir.file("r") + "/hunan") == std::vector<std::string>{folder});
}

TEST_CASE("a recording verifies at any moment while it is written", "[record]") {
    TemporaryFolder dir;
    auto writer = Writer::begin(dir.file("r"), RoomId("hunan"), start_ms);
    REQUIRE(writer);
    write_segment(**writer, segment_of(100));
    std::atomic<bool> done = false;
    std::thread show([&writer, &done] {
        for (std::uint64_t sequence = 101; sequence < 400; ++sequence) {
            const auto segment = segment_of(sequence);
            bool good = (*writer)->open_segment(segment, false).has_value();
            for (const auto& part : segment.parts) good = good && (*writer)->add_part(part).has_value();
            if (!good || !(*writer)->close_segment(segment)) break;
        }
        done = true;
    });
    std::size_t walks = 0;
    while (!done) {
        const auto faults = verify((*writer)->folder());
        ++walks;
        INFO("walk " << walks << ": " << (faults.empty() ? "" : faults.front().en));
        CHECK(faults.empty());
    }
    show.join();
    CHECK(walks > 0);
    CHECK(recording_in((*writer)->folder()).segments.size() == 300);
}

TEST_CASE("any change of a recording is found", "[record]") {
    TemporaryFolder dir;
    const auto folder = make_recording(dir.file("r"));
    const auto manifest = folder + "/manifest.jsonl";
    const auto text = read_file(manifest);
    const auto segment = folder + "/seg_101.m4s";

    SECTION("each byte of the manifest") {
        for (std::size_t at = 0; at < text.size(); ++at) {
            auto changed = text;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            write_text(manifest, changed);
            INFO("byte " << at);
            CHECK_FALSE(verify(folder).empty());
        }
    }
    SECTION("each line taken out, and two changed about") {
        for (std::size_t begin = 0; begin < text.size();) {
            const auto end = text.find('\n', begin) + 1;
            // Without its last line the recording has not ended, which the next case shows; all others break the chain.
            if (end < text.size()) {
                write_text(manifest, text.substr(0, begin) + text.substr(end));
                CHECK_FALSE(verify(folder).empty());
            }
            begin = end;
        }
    }
    SECTION("a file changed, cut, missing or added") {
        const auto bytes = read_file(segment);
        auto changed = bytes;
        changed[changed.size() / 2] ^= 1;
        write_text(segment, changed);
        CHECK(verify(folder).at(0).zh == "文件 seg_101.m4s 的内容被改动");
        write_text(segment, bytes.substr(1));
        CHECK(verify(folder).size() == 1);
        std::filesystem::remove(segment);
        CHECK(verify(folder).at(0).en == "seg_101.m4s is missing");
        write_text(segment, bytes);
        CHECK(verify(folder).empty());
        write_text(folder + "/seg_999.m4s", bytes);
        CHECK(verify(folder).at(0).en == "seg_999.m4s is not in the manifest");
    }
}

TEST_CASE("a manifest torn anywhere is made whole, and the recording goes on", "[record]") {
    TemporaryFolder dir;
    const auto folder = make_recording(dir.file("r"));
    const auto manifest = folder + "/manifest.jsonl";
    const auto text = read_file(manifest);
    // From the end of the first line on: before that there is no recording.
    for (auto size = text.find('\n') + 1; size < text.size(); size += 7) {
        write_text(manifest, text.substr(0, size));
        REQUIRE(recover(folder));
        const auto read = read_manifest(folder);
        REQUIRE(read);
        CHECK_FALSE(read->torn);
        CHECK_FALSE(read->broken_line);
        const auto writer = Writer::resume(folder);
        REQUIRE(writer);
        CHECK((*writer)->add(EndEntry{start_ms, "lost"}));
        CHECK_FALSE(read_manifest(folder)->broken_line);
    }
}

TEST_CASE("a damaged manifest is not written to", "[record]") {
    TemporaryFolder dir;
    const auto folder = make_recording(dir.file("r"));
    auto text = read_file(folder + "/manifest.jsonl");
    text[200] ^= 1;
    write_text(folder + "/manifest.jsonl", text);
    CHECK(recover(folder).error() == make_error_code(Errc::conflict));
    CHECK_FALSE(Writer::resume(folder));
    CHECK(read_file(folder + "/manifest.jsonl") == text);
}

TEST_CASE("only whole parts of a torn segment count", "[record]") {
    const auto file = part_bytes() + part_bytes();
    for (std::size_t size = 0; size <= file.size(); ++size)
        CHECK(complete_parts_bytes(std::string_view(file).substr(0, size)) == size / part_bytes().size() * part_bytes().size());
    CHECK(complete_parts_bytes(box("mdat", 10)) == 0);
    CHECK(complete_parts_bytes(std::string("\0\0\0\1moof", 8)) == 0);
}

TEST_CASE("a clip has the segments from its pin to its unpin", "[record]") {
    TemporaryFolder dir;
    const auto recording = recording_in(make_recording(dir.file("r")));
    const auto clip = render_clip(recording, "pin-1");
    REQUIRE(clip);
    CHECK(clip->find("seg_100.m4s") == std::string::npos);
    CHECK(clip->find("seg_101.m4s") != std::string::npos);
    CHECK(clip->find("seg_102.m4s") != std::string::npos);
    CHECK(clip->find("#EXT-X-START:TIME-OFFSET=1.00000,PRECISE=YES") != std::string::npos);
    CHECK(clip->find("#EXT-X-DATERANGE:ID=\"pin-1\"") != std::string::npos);
    CHECK(clip->ends_with("#EXT-X-ENDLIST\n"));
    CHECK_FALSE(render_clip(recording, "pin-2"));
}

TEST_CASE("a gap is told, and what follows it is a discontinuity", "[record]") {
    TemporaryFolder dir;
    auto writer = Writer::begin(dir.file("r"), RoomId("hunan"), start_ms);
    REQUIRE(writer);
    write_segment(**writer, segment_of(100));
    REQUIRE((*writer)->add(GapEntry{start_ms + 2000, start_ms + 6000, "disk_full"}));
    write_segment(**writer, segment_of(103));
    const auto recording = recording_in((*writer)->folder());
    CHECK(recording.lost_ms() == 4000);
    CHECK(recording.segments.at(1).discontinuity);
    CHECK(render_replay(recording).find("#EXT-X-DISCONTINUITY\n") != std::string::npos);
    CHECK(verify((*writer)->folder()).empty());
}

TEST_CASE("only recordings past their retention are deleted, each with a line that stays", "[record]") {
    TemporaryFolder dir;
    const auto folder = make_recording(dir.file("r"));
    constexpr std::int64_t retention_ms = 1'000'000'000;
    CHECK(delete_expired(dir.file("r"), start_ms + 6000 + retention_ms, retention_ms).empty());
    CHECK(std::filesystem::exists(folder));
    CHECK(delete_expired(dir.file("r"), start_ms + 6001 + retention_ms, retention_ms) == std::vector<std::string>{folder});
    CHECK_FALSE(std::filesystem::exists(folder));
    CHECK(read_file(dir.file("r") + "/deleted.jsonl").find("\"recording\":\"20251123T012203Z\"") != std::string::npos);
}

TEST_CASE("a recording nobody came back to is ended, one in use is not", "[record]") {
    TemporaryFolder dir;
    auto writer = Writer::begin(dir.file("r"), RoomId("hunan"), start_ms);
    REQUIRE(writer);
    write_segment(**writer, segment_of(100));
    const auto folder = (*writer)->folder();
    end_abandoned(dir.file("r"), {folder}, start_ms + 100'000, 1000);
    CHECK_FALSE(has_ended(folder));
    writer->reset();
    end_abandoned(dir.file("r"), {}, start_ms + 2500, 1000);
    CHECK_FALSE(has_ended(folder));
    end_abandoned(dir.file("r"), {}, start_ms + 100'000, 1000);
    CHECK(has_ended(folder));
}
