#include "hls/playlist.hpp"

#include <map>
#include <vector>

#include "hls/request.hpp"
#include "media/show.hpp"

using namespace livefair;
using namespace livefair::test;

TEST_CASE("the hinted part is always the next to come, across segments too", "[hls]") {
    Show show;
    show.video(200, 25);
    std::string hinted;
    for (const auto& snapshot : show.snapshots) {
        if (snapshot->segments.empty()) continue;
        const auto newest = part_name(snapshot->session, snapshot->next_part - 1);
        if (!hinted.empty() && hinted != part_name(snapshot->session, snapshot->next_part)) CHECK(newest == hinted);
        const auto hint = lines_with(show.playlist_of(*snapshot), "#EXT-X-PRELOAD-HINT");
        REQUIRE(hint.size() == 1);
        hinted = part_name(snapshot->session, snapshot->next_part);
        CHECK(hint[0] == "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" + hinted + "\"");
        CHECK(find_resource(*snapshot, *parse_resource(hinted)).verdict == Verdict::wait);
    }
}

TEST_CASE("PROGRAM-DATE-TIME stands before each segment and goes with the relay's clock", "[hls]") {
    Show show;
    const auto start = show.clock.unix_ms();
    show.video(85, 25);
    const auto dates = lines_with(show.playlist(), "#EXT-X-PROGRAM-DATE-TIME");
    CHECK(dates.size() == 4);
    CHECK(dates[0] == "#EXT-X-PROGRAM-DATE-TIME:2025-06-15T15:06:40.000Z");
    for (std::size_t i = 0; i < show.last().segments.size(); ++i)
        CHECK(show.last().segments[i]->program_time_ms - start == static_cast<std::int64_t>(1000 * i));
}

TEST_CASE("the multivariant playlist names codecs, size, rate and measured bandwidth", "[hls]") {
    Show show;
    show.connect(avc_record(), true);
    for (std::uint32_t at = 0; at < 3000; at += 40) {
        REQUIRE(show.stream.on_video(at, video_tag(at % 1000 == 0, 5000)));
        for (std::uint32_t offset : {0u, 20u}) REQUIRE(show.stream.on_audio(at + offset, audio_tag()));
    }
    const auto text = render_multivariant_playlist({{"live.m3u8", &show.last(), false}});
    CHECK(text.find("CODECS=\"avc1.42c00c,mp4a.40.2\",RESOLUTION=320x180,FRAME-RATE=25.000\nlive.m3u8\n") != std::string::npos);
    const auto bandwidth = std::stoll(text.substr(text.find("BANDWIDTH=") + 10));
    CHECK(bandwidth > 25 * 5000 * 8);
    CHECK(bandwidth < 25 * 5000 * 8 * 1.1);
}

TEST_CASE("delivery directives must be decimal numbers, a part needs its segment, others are ignored", "[hls]") {
    using Query = std::map<std::string, std::string>;
    for (const auto* bad : {"", "-1", "+1", "1.0", "0x1", "18446744073709551616", "99999999999999999999", "1 ", "１"})
        CHECK_FALSE(parse_playlist_request(Query{{"_HLS_msn", bad}}));
    CHECK_FALSE(parse_playlist_request(Query{{"_HLS_part", "1"}}));
    CHECK_FALSE(parse_playlist_request(Query{{"_HLS_msn", "1"}, {"_HLS_part", "x"}}));
    CHECK(parse_playlist_request(Query{{"_HLS_skip", "YES"}, {"a", "b"}}));
    const auto request = parse_playlist_request(Query{{"_HLS_msn", "12"}, {"_HLS_part", "3"}});
    REQUIRE(request);
    CHECK(request->sequence == 12u);
    CHECK(request->part == 3u);
}

TEST_CASE("only names that Livefair makes are looked up", "[hls]") {
    CHECK(parse_resource("index.m3u8")->kind == Resource::Kind::index);
    CHECK(parse_resource("part_7_12.m4s")->number == 12);
    for (const auto* bad : {"", "live.m3u8/", "seg_.m4s", "seg_1.mp4", "part_1.m4s", "part_1_.m4s", "part__1.m4s", "part_1_2_3.m4s", "seg_-1.m4s",
                            "..", "init_1.m4s", "seg_99999999999999999999.m4s"})
        CHECK_FALSE(parse_resource(bad));
}

TEST_CASE("blocking reload follows RFC 8216bis", "[hls]") {
    Show show;
    show.video(64, 25);  // two whole segments of five parts, and parts 0 and 1 of the third
    const auto& now = show.last();
    REQUIRE(now.open);
    REQUIRE(now.open->parts.size() == 2);
    const auto open = now.next_sequence;
    const auto judge = [&](std::uint64_t sequence, std::optional<std::uint64_t> part) {
        return judge_playlist(now, {sequence, part}, show.timing);
    };
    CHECK(judge_playlist(now, {}, show.timing) == Verdict::ready);
    CHECK(judge(open - 1, 4) == Verdict::ready);
    CHECK(judge(0, std::nullopt) == Verdict::ready);
    CHECK(judge(open, 1) == Verdict::ready);
    CHECK(judge(open, 2) == Verdict::wait);
    // Without a part: the segment's first part is enough.
    CHECK(judge(open, std::nullopt) == Verdict::ready);
    CHECK(judge(open + 1, std::nullopt) == Verdict::wait);
    // Beyond the end of a whole segment: part 0 of the next.
    CHECK(judge(open - 1, 5) == Verdict::ready);
    CHECK(judge(open - 1, 99) == Verdict::ready);
    // Too far.
    CHECK(judge(open + 1, 0) == Verdict::wait);
    CHECK(judge(open + 2, std::nullopt) == Verdict::bad);
    CHECK(judge(open, 2 + 15) == Verdict::wait);
    CHECK(judge(open, 2 + 16) == Verdict::bad);
    CHECK(judge_playlist(*show.snapshots.front(), {}, show.timing) == Verdict::wait);
}

TEST_CASE("a delta update leaves out the segments beyond the skip boundary, and what is left puts the whole playlist together", "[hls]") {
    Show show(1000, 20);
    std::string known;
    for (int second = 0; second < 40; ++second) {
        if (second == 23 || second == 31) {
            show.stream.end_run();
            show.connect(second == 23 ? avc_record() : other_avc_record());
            show.now_ms = 0;
        }
        show.video(25, 25);
        if (show.last().segments.size() < 14) continue;
        const auto whole = show.playlist();
        const auto delta = render_media_playlist(show.last(), show.timing, {.delta = true, .audio_only = false, .reports = {}});
        const auto skip = lines_with(delta, "#EXT-X-SKIP:");
        REQUIRE(skip.size() == 1);
        const auto skipped = std::stoull(skip[0].substr(skip[0].find('=') + 1));
        const auto uris = segments_in(whole), left = segments_in(delta);
        REQUIRE(uris.size() == left.size() + skipped);
        CHECK(std::equal(left.begin(), left.end(), uris.begin() + static_cast<std::ptrdiff_t>(skipped)));
        // All but the first one's map, which is named again, word for word.
        const auto tail = delta.substr(delta.find("#EXT-X-PROGRAM-DATE-TIME"));
        CHECK(whole.ends_with(tail));
        const auto count = [](const std::string& text, const char* tag) { return lines_with(text, tag).size(); };
        CHECK(count(delta, "#EXT-X-MAP") >= 1);
        CHECK(delta.substr(0, delta.find("#EXT-X-SKIP")) == whole.substr(0, delta.find("#EXT-X-SKIP")));
    }
}

TEST_CASE("nothing within the skip boundary is skipped, and nothing that could be is sent", "[hls]") {
    Show show(1000, 20);
    show.video(25 * 30 + 7, 25);
    const auto& now = show.last();
    const auto delta = render_media_playlist(now, show.timing, {.delta = true, .audio_only = false, .reports = {}});
    CHECK(lines_with(delta, "#EXT-X-SERVER-CONTROL")[0].find("CAN-SKIP-UNTIL=12,") != std::string::npos);
    const auto sent = segments_in(delta).size();
    const auto open_us = now.open ? now.open->duration_us : 0;
    CHECK(static_cast<std::int64_t>(sent) * 1'000'000 + open_us >= show.timing.skip_until_us);
    CHECK(static_cast<std::int64_t>(sent - 1) * 1'000'000 + open_us < show.timing.skip_until_us);
}

TEST_CASE("a window no longer than the skip boundary promises no delta updates and gives none", "[hls]") {
    Show show(1000, 12);
    show.video(25 * 30, 25);
    CHECK(show.playlist().find("CAN-SKIP") == std::string::npos);
    CHECK(render_media_playlist(show.last(), show.timing, {.delta = true, .audio_only = false, .reports = {}}) == show.playlist());
}

TEST_CASE("an ended playlist is always whole", "[hls]") {
    Show show(1000, 20);
    show.video(25 * 30, 25);
    show.segmenter.end();
    CHECK(render_media_playlist(show.last(), show.timing, {.delta = true, .audio_only = false, .reports = {}}) == show.playlist());
}

TEST_CASE("a playlist is made once for all who ask, packed and plain", "[hls]") {
    Show show;
    show.video(60, 25);
    int made = 0;
    const auto get = [&](bool packed) {
        return show.last().rendered.get(Rendered::Kind::media, false, packed, [&] {
            ++made;
            return show.playlist();
        });
    };
    const auto first = get(false), second = get(true), third = get(true);
    CHECK(made == 1);
    CHECK(first.plain == third.plain);
    CHECK(first.gzip == nullptr);
    CHECK(second.gzip == third.gzip);
    CHECK(second.gzip->size() < first.plain->size());
}

TEST_CASE("a rendition reports how far the others have come", "[hls]") {
    Show show;
    show.video(64, 25);
    const auto report = report_of(show.last(), "../live.m3u8");
    CHECK(report.last_sequence == show.last().next_sequence);
    CHECK(report.last_part == 1);
    const auto text = render_media_playlist(show.last(), show.timing, {.delta = false, .audio_only = false, .reports = {report}});
    CHECK(lines_with(text, "#EXT-X-RENDITION-REPORT") ==
          std::vector<std::string>{"#EXT-X-RENDITION-REPORT:URI=\"../live.m3u8\",LAST-MSN=1002,LAST-PART=1"});
    show.stream.end_run();
    CHECK(report_of(show.last(), "x").last_sequence == show.last().next_sequence - 1);
}
