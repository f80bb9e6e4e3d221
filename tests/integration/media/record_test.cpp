#include <sys/mount.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "integration/media/studio.hpp"
#include "record/library.hpp"
#include "record/replay.hpp"
#include "record/writer.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

/// The room's one recording.
std::string folder_of(Studio& studio) {
    const auto folders = record::list_recordings(studio.file("recordings"));
    REQUIRE(folders.size() == 1);
    return folders.front();
}

record::Recording read(const std::string& folder) {
    const auto manifest = record::read_manifest(folder);
    REQUIRE(manifest);
    const auto recording = record::to_recording(*manifest);
    REQUIRE(recording);
    return *recording;
}

/// Exit status and words of `livefair-media verify`.
std::pair<int, std::string> verify(Studio& studio, const std::string& folder) {
    Process::Options options;
    options.command = {LIVEFAIR_MEDIA_PROGRAM, "verify", folder};
    options.output_file = studio.file("verify.out");
    std::filesystem::remove(options.output_file);
    Process program(std::move(options));
    const auto status = program.wait(30s);
    REQUIRE(status);
    return {*status, program.output()};
}

bool has_segments(Studio& studio, std::size_t count) {
    return eventually([&] {
        const auto folders = record::list_recordings(studio.file("recordings"));
        if (folders.empty()) return false;
        const auto manifest = record::read_manifest(folders.front());
        const auto recording = manifest ? record::to_recording(*manifest) : Result<record::Recording>(manifest.error());
        return recording && recording->segments.size() >= count;
    }, 30s);
}

/// Of the segment that is being written.
std::uintmax_t bytes_under_way(const std::string& folder) {
    const auto manifest = record::read_manifest(folder);
    const auto* open = manifest ? std::get_if<record::OpenEntry>(&manifest->entries.back()) : nullptr;
    std::error_code ec;
    const auto size = open ? std::filesystem::file_size(folder + "/seg_" + std::to_string(open->sequence) + ".m4s", ec) : 0;
    return ec ? 0 : size;
}

}  // namespace

TEST_CASE("a show is recorded byte for byte as it was served, and verifies", "[record]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_GRACE_MS", "500"}});
    const auto key = studio.make_key("hunan");
    const auto publisher = studio.publish({key});
    REQUIRE(has_segments(studio, 2));
    const auto folder = folder_of(studio);
    const auto first = read(folder).segments.front();
    const auto name = "seg_" + std::to_string(first.sequence) + ".m4s";
    const auto served = studio.get("/hls/hunan/" + name);
    REQUIRE(served.status == 200);
    std::string bytes;
    for (const auto& piece : served.body) bytes += *piece;
    CHECK(bytes == read_file(folder + "/" + name));

    publisher->terminate();
    REQUIRE(eventually([&] { return record::has_ended(folder); }));
    const auto [status, words] = verify(studio, folder);
    INFO(words);
    CHECK(status == 0);
    CHECK(read(folder).gaps.empty());

    std::ofstream(folder + "/" + name, std::ios::in | std::ios::out | std::ios::binary).seekp(100).put('\x55');
    const auto [changed_status, changed_words] = verify(studio, studio.file("recordings"));
    CHECK(changed_status == 1);
    CHECK(changed_words.find(name + " 的内容被改动") != std::string::npos);
}

TEST_CASE("after kill -9 the recording reaches to the last complete part, verifies, and goes on when the publisher comes back", "[record]") {
    Studio studio;
    const auto key = studio.make_key("hunan");
    auto publisher = studio.publish({key});
    REQUIRE(has_segments(studio, 2));
    const auto folder = folder_of(studio);
    REQUIRE(eventually([&] { return bytes_under_way(folder) > 0; }, 20s));
    const auto whole = read(folder).segments.size();
    studio.kill9_and_restart();
    REQUIRE(eventually([&] { return verify(studio, folder).first == 0; }, 20s));
    const auto before = read(folder);
    CHECK(before.segments.size() == whole + 1);
    CHECK_FALSE(before.ended);

    publisher->terminate();
    publisher = studio.publish({key});
    REQUIRE(has_segments(studio, before.segments.size() + 2));
    CHECK(folder_of(studio) == folder);
    const auto after = read(folder);
    std::size_t discontinuities = 0;
    for (std::size_t i = 0; i < after.segments.size(); ++i) {
        discontinuities += after.segments[i].discontinuity;
        if (i > 0) CHECK(after.segments[i].sequence > after.segments[i - 1].sequence);
    }
    CHECK(discontinuities == 1);
    CHECK(after.segments[before.segments.size()].discontinuity);
    CHECK(verify(studio, folder).first == 0);
}

TEST_CASE("a full disk costs the recording a gap that it names, raises the alarm, and live goes on", "[record]") {
    TemporaryFolder disk;
    REQUIRE(::mount("none", disk.path().c_str(), "tmpfs", 0, "size=1m") == 0);
    struct Unmount {
        std::string path;
        ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
    } unmount{disk.path().string()};
    Studio studio(Studio::Environment{{"LIVEFAIR_RECORD_DIR", disk.file("recordings")}, {"LIVEFAIR_RECORD_RESERVE_BYTES", "65536"}, {"LIVEFAIR_MEDIA_SEGMENT_MS", "1000"}});
    const auto key = studio.make_key("hunan");
    // Leaves room for some segments.
    { std::ofstream(disk.file("ballast")) << std::string(600'000, 'x'); }
    const auto publisher = studio.publish({key, 60, "640x360"});
    const auto failing = [&] { return studio.metric("livefair_media_record_failing") == 1; };
    REQUIRE(eventually(failing, 40s));
    const auto at_alarm = number_of(studio.playlist("hunan"), "#EXT-X-MEDIA-SEQUENCE");
    REQUIRE(eventually([&] { return number_of(studio.playlist("hunan"), "#EXT-X-MEDIA-SEQUENCE") >= at_alarm + 3; }, 20s));
    CHECK(failing());

    const auto folder = record::list_recordings(disk.file("recordings")).at(0);
    const auto whole = read(folder).segments.size();
    std::filesystem::remove(disk.file("ballast"));
    REQUIRE(eventually([&] { return read(folder).segments.size() >= whole + 2; }, 20s));
    CHECK_FALSE(failing());
    const auto recording = read(folder);
    REQUIRE(recording.gaps.size() == 1);
    CHECK(recording.gaps[0].why == "disk_full");
    CHECK(recording.lost_ms() >= 3000);
    CHECK(recording.segments[whole].discontinuity);
    const auto [status, words] = verify(studio, folder);
    INFO(words);
    CHECK(status == 0);
}

namespace {

/// Frames that ffprobe decodes of a playlist's video, and what it complains about.
std::pair<std::size_t, std::string> decode(Studio& studio, const std::string& path) {
    Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-v", "error", "-nostats", "-i", studio.url(path), "-map", "0:v", "-f", "framecrc", "-"};
    options.output_file = studio.file("replay.crc");
    options.error_file = studio.file("replay.err");
    std::filesystem::remove(options.output_file);
    Process decoder(std::move(options));
    REQUIRE(decoder.wait(60s) == 0);
    return {lines_with(decoder.output(), "0,").size(), decoder.errors()};
}

std::string text_of(const net::HttpResponse& response) {
    std::string text;
    for (const auto& piece : response.body) text += *piece;
    return text;
}

}  // namespace

TEST_CASE("after the show its replay plays from the first to the last frame", "[record]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_GRACE_MS", "500"}});
    const auto key = studio.make_key("hunan");
    auto publisher = studio.publish({key, 5});
    REQUIRE(has_segments(studio, 1));
    const auto folder = folder_of(studio);
    const auto id = std::filesystem::path(folder).filename().string();
    const auto growing = text_of(studio.get("/replay/hunan/" + id + "/index.m3u8"));
    CHECK(growing.find("#EXT-X-PLAYLIST-TYPE:EVENT") != std::string::npos);
    CHECK(growing.find("#EXT-X-ENDLIST") == std::string::npos);
    REQUIRE(eventually([&] { return record::has_ended(folder); }, 30s));

    const auto recording = read(folder);
    CHECK(std::abs(recording.duration_us() - 5'000'000) <= 150'000);
    const auto playlist = text_of(studio.get("/replay/hunan/" + id + "/index.m3u8"));
    CHECK(playlist.find("#EXT-X-PLAYLIST-TYPE:VOD") != std::string::npos);
    CHECK(playlist.ends_with("#EXT-X-ENDLIST\n"));
    const auto [frames, complaints] = decode(studio, "/replay/hunan/" + id + "/index.m3u8");
    CHECK(complaints == "");
    CHECK(frames >= 120);

    const auto list = text_of(studio.get("/replay/hunan/list.json"));
    CHECK(list.find("\"id\":\"" + id + "\"") != std::string::npos);
    CHECK(list.find("\"live\":false") != std::string::npos);
    CHECK(studio.get("/replay/hunan/" + id + "/manifest.jsonl").status == 404);
    CHECK(studio.get("/replay/hunan/../hunan/list.json").status != 200);
    CHECK(studio.get("/replay/hunan/nothing/index.m3u8").status == 404);
    CHECK(studio.get("/replay/hunan/" + id + "/seg_1.m4s").status == 404);
}

TEST_CASE("a clip of a pinned product starts within one segment of the pin and can be taken away as an MP4", "[record]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_GRACE_MS", "500"}});
    const auto key = studio.make_key("hunan");
    auto publisher = studio.publish({key, 9});
    REQUIRE(has_segments(studio, 1));
    const auto folder = folder_of(studio);
    const auto id = std::filesystem::path(folder).filename().string();
    REQUIRE(eventually([&] { return record::has_ended(folder); }, 40s));

    // The pin, as the recorder enters it from the room's cues: from 3 s to 6 s of the show.
    const auto start_ms = read(folder).start_ms;
    {
        auto text = read_file(folder + "/manifest.jsonl");
        const auto end = text.rfind('\n', text.size() - 2) + 1;
        std::ofstream(folder + "/manifest.jsonl") << text.substr(0, end);
        const auto writer = record::Writer::resume(folder);
        REQUIRE(writer);
        hls::Cue pin;
        pin.id = "pin-1";
        pin.start_ms = start_ms + 3000;
        pin.end_ms = start_ms + 6000;
        REQUIRE((*writer)->add(record::CueEntry{pin}));
        REQUIRE((*writer)->add(record::EndEntry{read(folder).end_ms(), "show_ended"}));
    }
    const auto clips = text_of(studio.get("/replay/hunan/" + id + "/clips.json"));
    CHECK(clips.find("\"id\":\"pin-1\"") != std::string::npos);
    CHECK(clips.find("\"ready\":true") != std::string::npos);
    const auto playlist = text_of(studio.get("/replay/hunan/" + id + "/clip_pin-1.m3u8"));
    CHECK(lines_with(playlist, "#EXT-X-START:TIME-OFFSET=").size() == 1);
    const auto recording = read(folder);
    const auto range = record::clip_segments(recording, "pin-1");
    REQUIRE(range);
    const auto& first = recording.segments[range->begin];
    CHECK(first.start_ms <= start_ms + 3000);
    CHECK(first.end_ms() > start_ms + 3000);
    CHECK(decode(studio, "/replay/hunan/" + id + "/clip_pin-1.m3u8").second == "");

    net::HttpResponse mp4;
    REQUIRE(eventually([&] { return (mp4 = studio.get("/replay/hunan/" + id + "/clip_pin-1.mp4")).status == 200; }));
    const auto bytes = text_of(mp4);
    CHECK(bytes.find("moov") < bytes.find("mdat"));
    std::ofstream(studio.file("clip.mp4"), std::ios::binary) << bytes;
    Process::Options options;
    options.command = {"ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames,duration", "-of", "csv=p=0", studio.file("clip.mp4")};
    options.output_file = studio.file("probe.out");
    options.error_file = studio.file("probe.err");
    Process probe(std::move(options));
    REQUIRE(probe.wait(30s) == 0);
    CHECK(probe.errors() == "");
    std::int64_t expected_us = 0;
    for (auto i = range->begin; i < range->end; ++i) expected_us += recording.segments[i].duration_us;
    CHECK(std::abs(std::stod(probe.output()) - static_cast<double>(expected_us) / 1e6) < 0.1);
    // The whole recording is for those with a token alone.
    CHECK(studio.get("/replay/hunan/" + id + "/download.mp4").status == 401);
}
