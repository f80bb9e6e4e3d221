#include "codec/av1.hpp"
#include "codec/hevc.hpp"
#include "hls/fmp4_muxer.hpp"
#include "media/samples.hpp"
#include "support/catch.hpp"

using namespace livefair;
using codec::VideoKind;

namespace {

void check_damage(VideoKind kind, const std::string& whole) {
    for (std::size_t length = 0; length < whole.size(); ++length) CHECK_FALSE(codec::parse_video_config(kind, whole.substr(0, length)));
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            auto damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
            const auto config = codec::parse_video_config(kind, damaged);
            if (config) CHECK((config->width >= 16 && config->width <= 8192 && config->height >= 16 && config->height <= 8192));
        }
}

std::string init_of(VideoKind kind, const std::string& record) {
    stream::Tracks tracks;
    const auto config = codec::parse_video_config(kind, record);
    REQUIRE(config);
    tracks.video = *config;
    const auto muxer = hls::Fmp4Muxer::create(tracks);
    REQUIRE(muxer);
    return (*muxer)->init();
}

}  // namespace

TEST_CASE("an hvcC gives size, codec string and NAL length", "[codec]") {
    const auto config = codec::parse_hevc_config(test::hevc_record());
    REQUIRE(config);
    CHECK(config->kind == VideoKind::hevc);
    CHECK(config->width == 320);
    CHECK(config->height == 180);
    CHECK(config->codec == "hvc1.1.6.L60.90");
    CHECK(config->nal_length_bytes == 4);
    CHECK(config->record == test::hevc_record());
}

TEST_CASE("an av1C gives size and codec string", "[codec]") {
    const auto config = codec::parse_av1_config(test::av1_record());
    REQUIRE(config);
    CHECK(config->kind == VideoKind::av1);
    CHECK(config->width == 320);
    CHECK(config->height == 180);
    CHECK(config->codec == "av01.0.00M.08");
    CHECK_FALSE(codec::parse_av1_config(test::av1_record().substr(0, 4)));
}

TEST_CASE("broken hvcC and av1C records are refused or stay in bounds", "[codec]") {
    check_damage(VideoKind::hevc, test::hevc_record());
    check_damage(VideoKind::av1, test::av1_record());
}

TEST_CASE("an AV1 frame must be a chain of OBUs that fits", "[codec]") {
    CHECK(codec::is_obu_chain(std::string("\x12\x00\x32\x02xy", 6)));
    CHECK(codec::is_obu_chain(std::string("\x12\x00\x30xyz", 6)));
    CHECK_FALSE(codec::is_obu_chain(std::string("\x32\x03xy", 4)));
    CHECK_FALSE(codec::is_obu_chain(std::string("\x92\x00", 2)));
    CHECK_FALSE(codec::is_obu_chain("\x32\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
    CHECK_FALSE(codec::is_obu_chain(""));
}

TEST_CASE("init segments name hvc1 and av01 with their own records", "[codec][hls]") {
    const auto hevc = init_of(VideoKind::hevc, test::hevc_record());
    CHECK(hevc.find("hvc1") != std::string::npos);
    CHECK(hevc.find("hvcC" + test::hevc_record()) != std::string::npos);
    const auto av1 = init_of(VideoKind::av1, test::av1_record());
    CHECK(av1.find("av01") != std::string::npos);
    CHECK(av1.find("av1C" + test::av1_record()) != std::string::npos);
}
