#include "flv/tag.hpp"
#include "media/rtmp_client.hpp"
#include "rtmp/aggregate.hpp"
#include "support/catch.hpp"

// What encoders send that is rare, old, or beside the letter of RTMP 1.0.

using namespace livefair;
using namespace livefair::rtmp;
using namespace livefair::test;

namespace {

std::string flv_tag(std::uint8_t type, std::uint32_t time_ms, std::string_view body) {
    ByteWriter out;
    out.big_endian(type, 1).big_endian(body.size(), 3).big_endian(time_ms & 0xFFFFFF, 3).big_endian(time_ms >> 24, 1).big_endian(0, 3);
    return out.append(body).big_endian(body.size() + 11, 4).take();
}

/// A message with an extended timestamp in chunks of 128 bytes whose type-3 headers lack it.
std::string without_repeated_timestamp(std::uint32_t time_ms, std::string_view payload) {
    ByteWriter out;
    out.append("\x06").big_endian(0xFFFFFF, 3).big_endian(payload.size(), 3).big_endian(9, 1).big_endian(0x01000000, 4).big_endian(time_ms, 4);
    for (std::size_t at = 0; at < payload.size(); at += 128) out.append(at > 0 ? "\xC6" : "").append(payload.substr(at, 128));
    return out.take();
}

}  // namespace

TEST_CASE("encoders that leave the extended timestamp out of type-3 chunks are understood, however the bytes are cut", "[rtmp]") {
    const std::string picture = std::string(300, 'p') + "end";
    std::string bytes;
    for (std::uint32_t time = 0x1000000; time < 0x1000003; ++time) bytes += without_repeated_timestamp(time, picture);
    for (std::size_t piece = 1; piece <= 64; ++piece) {
        ChunkReader reader({});
        const auto messages = read_messages(reader, bytes, piece);
        REQUIRE(messages);
        REQUIRE(messages->size() == 3);
        for (const auto& message : *messages) CHECK(message.payload == picture);
        CHECK(messages->back().timestamp_ms == 0x1000002);
    }
}

TEST_CASE("a chunk stream may begin with format 1, its message on stream 0", "[rtmp]") {
    ChunkReader reader({});
    const auto messages = read_messages(reader, std::string("\x42\0\0\5\0\0\4\1\0\0\x10\0", 12), 3);
    REQUIRE(messages);
    REQUIRE(messages->size() == 1);
    CHECK(messages->front().type == message_type::set_chunk_size);
    CHECK(messages->front().timestamp_ms == 5);
}

TEST_CASE("an aggregate's tags keep their distance in time, from the aggregate's own on", "[rtmp]") {
    Client client;
    client.start_publishing();
    const auto body = flv_tag(8, 0xFFFFFFF0, "a") + flv_tag(9, 0x10, "v") + flv_tag(20, 0x10, "no command") + flv_tag(18, 0x11, "d");
    for (std::size_t piece = 1; piece <= 64; ++piece) {
        client.media.clear();
        client.feed(write_chunks({message_type::aggregate, 1, 1000, body.substr(0, body.size() - 4)}, 6, 128), piece);
        REQUIRE(client.media.size() == 3);
        CHECK(client.media[0].kind == Media::Kind::audio);
        CHECK(client.media[0].timestamp_ms == 1000);
        CHECK(client.media[1].payload == "v");
        CHECK(client.media[1].timestamp_ms == 1032);
        CHECK(client.media[2].timestamp_ms == 1033);
    }
    client.feed(write_chunks({message_type::aggregate, 1, 1000, body.substr(0, 20)}, 6, 128));
    CHECK(client.closed);
}

TEST_CASE("an aggregate's number of tags is bounded", "[rtmp]") {
    std::string body;
    for (int i = 0; i < 1025; ++i) body += flv_tag(8, 0, "");
    CHECK(split_aggregate({message_type::aggregate, 1, 0, body}).error() == Errc::too_large);
    CHECK(split_aggregate({message_type::aggregate, 1, 0, body.substr(15)})->size() == 1024);
}

TEST_CASE("AMF3 commands and data begin with a format byte, or with none", "[rtmp]") {
    const auto metadata = AmfWriter().text("onMetaData").object({}, {{"width", 320}}).take();
    for (const auto& format : {std::string(1, '\0'), std::string()}) {
        const auto as_amf3 = [&](AmfWriter body) { return write_chunks({message_type::command_amf3, 0, 0, format + body.take()}, 3, 128); };
        Client client;
        client.feed(greeting() + as_amf3(std::move(AmfWriter().text("connect").number(1).object({{"app", "live"}}, {{"objectEncoding", 3}}))));
        client.feed(as_amf3(std::move(AmfWriter().text("createStream").number(2).null())));
        client.feed(as_amf3(std::move(AmfWriter().text("publish").number(3).null().text("key").text("live"))));
        REQUIRE(client.requests.size() == 1);
        CHECK(client.requests[0].name == "key");
        client.take(client.session.accept_publish());
        client.feed(write_chunks({message_type::data_amf3, 1, 0, format + metadata}, 5, 128));
        REQUIRE(client.media.size() == 1);
        CHECK(client.media[0].payload == metadata);
    }
}

TEST_CASE("a connect with AMF3 values inside AMF0 is understood", "[rtmp]") {
    Client client;
    const auto body = AmfWriter().text("connect").number(1).take() + std::string("\x11\x0A\x0B\x01\x07" "app\x06\x09live\x01", 15);
    client.feed(greeting() + write_chunks({message_type::command, 0, 0, body}, 3, 128));
    CHECK(client.was_told("NetConnection.Connect.Success"));
}

TEST_CASE("who names FourCCs in connect hears which we take, others don't", "[rtmp]") {
    Client enhanced, plain;
    AmfWriter body;
    body.text("connect").number(1).begin_object().member("app").text("live").member("fourCcList").array({"*"}).end_object();
    enhanced.feed(greeting() + command(std::move(body)));
    for (const auto* word : {"fourCcList", "hvc1", "av01", "mp4a", "capsEx"}) CHECK(enhanced.was_told(word));
    plain.feed(greeting() + connect());
    CHECK(plain.was_told("NetConnection.Connect.Success"));
    CHECK_FALSE(plain.was_told("fourCcList"));
}

TEST_CASE("set peer bandwidth is answered with that window, on whatever chunk stream it comes", "[rtmp]") {
    Client client;
    client.start_publishing();
    client.feed(write_chunks({message_type::peer_bandwidth, 0, 0, std::string("\0\x26\x25\xA0\2", 5)}, 4, 128));
    CHECK(client.sent == write_chunks({message_type::window_size, 0, 0, std::string("\0\x26\x25\xA0", 4)}, 2, 128));
}

TEST_CASE("a data message that is a plain number says nothing and harms nothing", "[flv]") {
    CHECK(flv::parse_metadata(AmfWriter().number(7).take()).error() == Errc::not_found);
    CHECK(flv::parse_metadata(AmfWriter().text("@setDataFrame").number(7).take()).error() == Errc::not_found);
}
