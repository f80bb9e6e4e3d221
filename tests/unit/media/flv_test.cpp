#include "codec/aac.hpp"
#include "codec/avc.hpp"
#include "codec/nal.hpp"
#include "flv/tag.hpp"
#include "media/samples.hpp"
#include "rtmp/amf0.hpp"
#include "support/catch.hpp"

using namespace livefair;

TEST_CASE("AVC tags give key frames, signed composition times and sequence headers", "[flv]") {
    const auto bytes = std::string("\x17\x01\x00\x00\x42", 5) + "nal";  // a tag's data points into it
    const auto frame = flv::parse_video(bytes);
    REQUIRE(frame);
    CHECK(frame->kind == flv::VideoTag::Kind::frame);
    CHECK(frame->key);
    CHECK(frame->composition_ms == 66);
    CHECK(frame->data == "nal");
    const auto early = flv::parse_video(std::string("\x27\x01\x80\x00\x00", 5));
    REQUIRE(early);
    CHECK_FALSE(early->key);
    CHECK(early->composition_ms == -8'388'608);
    CHECK(flv::parse_video(std::string("\x17\x00\x00\x00\x00", 5))->kind == flv::VideoTag::Kind::config);
    CHECK(flv::parse_video(std::string("\x17\x02\x00\x00\x00", 5))->kind == flv::VideoTag::Kind::nothing);
    CHECK(flv::parse_video("\x57")->kind == flv::VideoTag::Kind::nothing);
}

TEST_CASE("other codecs and truncated tags are refused", "[flv]") {
    for (char codec = 0; codec < 16; ++codec) {
        const auto tag = flv::parse_video(std::string(1, static_cast<char>(0x10 | codec)) + std::string("\x01\0\0\0", 4));
        CHECK(tag.has_value() == (codec == 7 || codec == 12));
        if (!tag) CHECK(tag.error() == Errc::unsupported);
    }
    for (int format = 0; format < 16; ++format) {
        const auto tag = flv::parse_audio(std::string(1, static_cast<char>(format << 4 | 1)) + "\x01Opus");
        CHECK(tag.has_value() == (format == 10));
    }
    CHECK(flv::parse_video("").error() == Errc::invalid_input);
    CHECK(flv::parse_video(std::string("\x17\x01\x00", 3)).error() == Errc::invalid_input);
    CHECK(flv::parse_video(std::string("\x17\x09\x00\x00\x00", 5)).error() == Errc::invalid_input);
    CHECK(flv::parse_audio("\xAF").error() == Errc::invalid_input);
    CHECK(flv::parse_audio("").error() == Errc::invalid_input);
}

TEST_CASE("onMetaData says which tracks come, with and without @setDataFrame", "[flv]") {
    rtmp::AmfWriter plain, wrapped, other;
    plain.text("onMetaData").object({}, {{"width", 1280}, {"framerate", 30}, {"videocodecid", 7}});
    wrapped.text("@setDataFrame").text("onMetaData").object({}, {{"audiocodecid", 10}, {"framerate", 1e9}});
    other.text("onCuePoint").object({});
    const auto video = flv::parse_metadata(plain.take());
    REQUIRE(video);
    CHECK(video->has_video);
    CHECK_FALSE(video->has_audio);
    CHECK(video->fps == 30);
    const auto audio = flv::parse_metadata(wrapped.take());
    REQUIRE(audio);
    CHECK_FALSE(audio->has_video);
    CHECK(audio->has_audio);
    CHECK(audio->fps <= 240);
    CHECK(flv::parse_metadata(other.take()).error() == Errc::not_found);
    CHECK(flv::parse_metadata("").error() == Errc::not_found);
}

TEST_CASE("an avcC gives size, codec string and frame rate", "[codec]") {
    const auto config = codec::parse_avc_config(test::avc_record());
    REQUIRE(config);
    CHECK(config->width == 320);
    CHECK(config->height == 180);
    CHECK(config->fps == Approx(25));
    CHECK(config->codec == "avc1.42c00c");
    CHECK(config->nal_length_bytes == 4);
    CHECK(config->record == test::avc_record());
}

TEST_CASE("a broken avcC is refused, wherever it is cut", "[codec]") {
    const auto whole = test::avc_record();
    for (std::size_t length = 0; length < whole.size(); ++length) CHECK_FALSE(codec::parse_avc_config(whole.substr(0, length)));
    auto three_byte_lengths = whole;
    three_byte_lengths[4] = '\xFE';
    CHECK_FALSE(codec::parse_avc_config(three_byte_lengths));
    auto no_sps = whole;
    no_sps[5] = '\xE0';
    CHECK_FALSE(codec::parse_avc_config(no_sps));
    for (std::size_t at = 8; at < whole.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            auto damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
            const auto config = codec::parse_avc_config(damaged);
            if (config) CHECK((config->width >= 16 && config->width <= 8192 && config->height >= 16 && config->height <= 8192));
        }
}

TEST_CASE("a frame must be a chain of NAL units that fits, and Annex B is none", "[codec]") {
    CHECK(codec::is_nal_chain(std::string("\0\0\0\2ab\0\0\0\0", 10), 4));
    CHECK(codec::is_nal_chain(std::string("\0\1a", 3), 2));
    CHECK_FALSE(codec::is_nal_chain(std::string("\0\0\0\3ab", 6), 4));
    CHECK_FALSE(codec::is_nal_chain(std::string("\0\0\0\1\x65\x88\x84", 7), 4));
    CHECK_FALSE(codec::is_nal_chain(std::string("\0\0\0", 3), 4));
    // Lengths of four bytes read as two or one.
    CHECK_FALSE(codec::is_nal_chain(std::string("\0\0\0\3abc", 7), 2));
    CHECK_FALSE(codec::is_nal_chain(std::string("\0\0\0\3abc", 7), 1));
    CHECK_FALSE(codec::is_nal_chain(std::string("\0\2\xE1z", 4), 2));
    CHECK_FALSE(codec::is_nal_chain("", 4));
}

TEST_CASE("an AudioSpecificConfig gives rate, channels and codec string", "[codec]") {
    const auto config = codec::parse_aac_config("\x12\x10");
    REQUIRE(config);
    CHECK(config->sample_rate == 44'100);
    CHECK(config->channels == 2);
    CHECK(config->codec == "mp4a.40.2");
    CHECK(codec::parse_aac_config("").error() == Errc::invalid_input);
    CHECK(codec::parse_aac_config("\x12").error() == Errc::invalid_input);
    CHECK(codec::parse_aac_config(std::string("\x12\x00", 2)).error() == Errc::invalid_input);
    CHECK(codec::parse_aac_config(std::string("\x16\x90", 2)).error() == Errc::invalid_input);
    CHECK(codec::parse_aac_config(std::string("\xF8\x50\x00", 3)).error() == Errc::unsupported);
}
