#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "media/rtmp_client.hpp"
#include "rtmp/amf0.hpp"
#include "rtmp/chunk.hpp"
#include "rtmp/session.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::rtmp;
using namespace livefair::test;

TEST_CASE("messages come out whole however the bytes are cut", "[rtmp]") {
    std::string bytes;
    bytes += write_chunks({message_type::video, 1, 40, std::string(1000, 'v')}, 6, 128);
    bytes += write_chunks({message_type::audio, 1, 0x1000000, std::string(300, 'a')}, 4, 128);
    bytes += write_chunks({message_type::data, 1, 0, ""}, 5, 128);
    for (std::size_t piece = 1; piece <= 64; ++piece) {
        ChunkReader reader({});
        const auto messages = read_messages(reader, bytes, piece);
        REQUIRE(messages);
        REQUIRE(messages->size() == 3);
        CHECK((*messages)[0].payload == std::string(1000, 'v'));
        CHECK((*messages)[0].stream_id == 1);
        CHECK((*messages)[1].timestamp_ms == 0x1000000);
        CHECK((*messages)[1].payload.size() == 300);
        CHECK((*messages)[2].payload.empty());
    }
}

TEST_CASE("chunk stream ids of one, two and three bytes are different streams", "[rtmp]") {
    std::string bytes = first_chunk("\x05", 1, 2, 8, "a");
    bytes.back() = 'a';
    // One byte of each message at a time, so that three are under way at once: chunk size 1.
    const std::string two("\x00\x40", 2), three("\x01\x00\x01", 3);
    bytes = first_chunk("\x05", 1, 2, 8, "a") + first_chunk(two, 2, 2, 9, "b") + first_chunk(three, 3, 2, 18, "c");
    bytes += "\xC5" "d";
    bytes += std::string("\xC0\x40", 2) + "e" + std::string("\xC1\x00\x01", 3) + "f";
    ChunkReader reader({});
    REQUIRE(reader.set_chunk_size(1));
    const auto messages = read_messages(reader, bytes, 3);
    REQUIRE(messages);
    REQUIRE(messages->size() == 3);
    CHECK((*messages)[0].payload == "ad");
    CHECK((*messages)[1].payload == "be");
    CHECK((*messages)[2].payload == "cf");
}

TEST_CASE("compressed headers add their delta, and format 3 repeats it", "[rtmp]") {
    ByteWriter out;
    out.append(first_chunk("\x04", 1000, 1, 8, "a"));
    out.append("\x44").big_endian(23, 3).big_endian(1, 3).big_endian(8, 1).append("b");
    out.append("\x84").big_endian(24, 3).append("c");
    out.append("\xC4").append("d");
    ChunkReader reader({});
    const auto messages = read_messages(reader, out.bytes(), 1);
    REQUIRE(messages);
    REQUIRE(messages->size() == 4);
    CHECK((*messages)[1].timestamp_ms == 1023);
    CHECK((*messages)[2].timestamp_ms == 1047);
    CHECK((*messages)[3].timestamp_ms == 1071);
}

TEST_CASE("an extended timestamp stands on every chunk of its message and wraps at 32 bits", "[rtmp]") {
    ByteWriter out;
    out.append("\x04").big_endian(0xFFFFFF, 3).big_endian(3, 3).big_endian(8, 1).big_endian(0x01000000, 4).big_endian(0xFFFFFFFF, 4).append("ab");
    out.append("\xC4").big_endian(0xFFFFFFFF, 4).append("c");
    out.append("\x84").big_endian(2, 3).append("de");
    out.append("\xC4").append("f");
    for (std::size_t piece = 1; piece <= 64; ++piece) {
        ChunkReader reader({});
        REQUIRE(reader.set_chunk_size(2));
        const auto messages = read_messages(reader, out.bytes(), piece);
        REQUIRE(messages);
        REQUIRE(messages->size() == 2);
        CHECK((*messages)[0].timestamp_ms == 0xFFFFFFFF);
        CHECK((*messages)[0].payload == "abc");
        CHECK((*messages)[1].timestamp_ms == 1);
        CHECK((*messages)[1].payload == "def");
    }
}

TEST_CASE("a message over the limit is refused when its header comes, before its bytes", "[rtmp]") {
    ChunkReader reader({1000, 2000, 64});
    CHECK(read_messages(reader, first_chunk("\x04", 0, 1001, 9, ""), 64).error() == Errc::too_large);
}

TEST_CASE("unfinished messages on many chunk streams are bounded together", "[rtmp]") {
    ChunkReader reader({16 << 20, 100'000, 64});
    REQUIRE(reader.set_chunk_size(10'000));
    const std::string piece(10'000, 'x');
    boost::system::error_code error;
    int streams = 0;
    for (char id = 3; id < 60 && !error; ++id, ++streams) {
        const auto messages = read_messages(reader, first_chunk(std::string(1, id), 0, 0xFFFFFF, 9, piece), 4096);
        if (!messages) error = messages.error();
    }
    CHECK(error == Errc::too_large);
    CHECK(streams == 11);
}

TEST_CASE("more chunk streams than the limit are refused", "[rtmp]") {
    ChunkReader reader({1000, 2000, 4});
    std::string bytes;
    for (char id = 3; id < 8; ++id) bytes += first_chunk(std::string(1, id), 0, 1, 8, "a");
    CHECK(read_messages(reader, bytes, 64).error() == Errc::too_large);
}

TEST_CASE("a new chunk stream can't begin with a header that refers to an earlier one", "[rtmp]") {
    ChunkReader two({}), three({});
    CHECK(read_messages(two, std::string("\x84\x00\x00\x00", 4), 64).error() == Errc::invalid_input);
    CHECK(read_messages(three, "\xC4", 64).error() == Errc::invalid_input);
}

TEST_CASE("an aborted message leaves nothing behind", "[rtmp]") {
    ChunkReader reader({});
    REQUIRE(read_messages(reader, first_chunk("\x04", 0, 200, 8, std::string(128, 'x')), 64));
    reader.abort(4);
    reader.abort(99);
    const auto messages = read_messages(reader, first_chunk("\x04", 0, 2, 8, "ok"), 64);
    REQUIRE(messages);
    CHECK(messages->front().payload == "ok");
}

TEST_CASE("chunk sizes of 0 and above 2^31 - 1 are refused", "[rtmp]") {
    ChunkReader reader({});
    CHECK(reader.set_chunk_size(0).error() == Errc::invalid_input);
    CHECK(reader.set_chunk_size(0x80000000).error() == Errc::invalid_input);
    CHECK(reader.set_chunk_size(1));
    CHECK(reader.set_chunk_size(0x7FFFFFFF));
}

TEST_CASE("AMF0 objects, arrays, dates and long strings are read back", "[rtmp]") {
    ByteWriter out;
    out.append(AmfWriter().text("hello").number(1.5).boolean(true).null().object({{"app", "live"}}, {{"n", 7}}).take());
    out.big_endian(10, 1).big_endian(2, 4).append(AmfWriter().number(1).number(2).take());
    out.big_endian(11, 1).big_endian(0, 8).big_endian(0, 2);
    out.big_endian(12, 1).big_endian(3, 4).append("abc");
    const auto values = read_amf0(out.bytes());
    REQUIRE(values);
    REQUIRE(values->size() == 8);
    CHECK((*values)[0].text == "hello");
    CHECK((*values)[1].number == 1.5);
    CHECK((*values)[2].boolean);
    CHECK((*values)[4].text_of("app") == "live");
    CHECK((*values)[4].number_of("n", 0) == 7);
    CHECK((*values)[4].number_of("app", -1) == -1);
    CHECK((*values)[5].members.size() == 2);
    CHECK((*values)[7].text == "abc");
}

TEST_CASE("hostile AMF0 is refused without much memory or stack", "[rtmp]") {
    std::string deep_objects, deep_arrays;
    for (int i = 0; i < 100'000; ++i) {
        deep_objects += std::string("\x03\x00\x01" "a", 4);
        deep_arrays += std::string("\x0A\x00\x00\x00\x01", 5);
    }
    CHECK(read_amf0(deep_objects).error() == Errc::too_large);
    CHECK(read_amf0(deep_arrays).error() == Errc::too_large);
    CHECK(read_amf0(std::string("\x0A\xFF\xFF\xFF\xFF", 5) + std::string(100'000, '\x05')).error() == Errc::too_large);
    CHECK(read_amf0(std::string("\x02\xFF\xFF" "abc", 6)).error() == Errc::invalid_input);
    CHECK(read_amf0(std::string("\x0C\xFF\xFF\xFF\xFF" "abc", 8)).error() == Errc::invalid_input);
    CHECK(read_amf0(std::string("\x03\x00\x01" "a\x05", 5)).error() == Errc::invalid_input);
    CHECK(read_amf0(std::string("\x07\x00\x01", 3)).error() == Errc::invalid_input);
    CHECK(read_amf0("\x11").error() == Errc::invalid_input);
    const auto whole = AmfWriter().text("connect").number(1).object({{"app", "live"}}).take();
    for (std::size_t length = 1; length < whole.size(); ++length) static_cast<void>(read_amf0(whole.substr(0, length)));
}

TEST_CASE("a publisher gets from handshake to media, whatever the size of its writes", "[rtmp]") {
    for (std::size_t piece = 1; piece <= 64; ++piece) {
        Client client;
        client.feed(greeting(), piece);
        CHECK(client.sent.size() == 1 + 2 * block_bytes);
        client.feed(connect() + command(AmfWriter().text("releaseStream").number(2).null().text("key")) +
                        command(AmfWriter().text("FCPublish").number(3).null().text("key")) + create_stream() + publish("key?a=b"),
                    piece);
        CHECK(client.was_told("NetConnection.Connect.Success"));
        REQUIRE(client.requests.size() == 1);
        CHECK(client.requests[0].app == "live");
        CHECK(client.requests[0].name == "key");
        client.take(client.session.accept_publish());
        CHECK(client.was_told("NetStream.Publish.Start"));
        client.feed(write_chunks({message_type::video, 1, 7, "picture"}, 6, 128), piece);
        REQUIRE(client.media.size() == 1);
        CHECK(client.media[0].kind == Media::Kind::video);
        CHECK(client.media[0].timestamp_ms == 7);
        CHECK(client.media[0].payload == "picture");
        client.feed(command(AmfWriter().text("deleteStream").number(6).null().number(1)), piece);
        REQUIRE(client.closed);
        CHECK(client.closed->why == "unpublished");
    }
}

TEST_CASE("bytes that follow the publish command wait for its answer", "[rtmp]") {
    Client client;
    client.feed(greeting() + connect() + create_stream() + publish("key") + write_chunks({message_type::audio, 1, 0, "early"}, 4, 128),
                1 << 20);
    CHECK(client.media.empty());
    client.take(client.session.accept_publish());
    REQUIRE(client.media.size() == 1);
    CHECK(client.media[0].payload == "early");
}

TEST_CASE("a refused publisher is told why, and nothing it sends is taken", "[rtmp]") {
    Client client;
    client.feed(greeting() + connect() + create_stream() + publish("wrong"), 1 << 20);
    client.take(client.session.refuse("NetStream.Publish.BadName", "no such key"));
    CHECK(client.was_told("NetStream.Publish.BadName"));
    CHECK(client.closed);
    client.feed(write_chunks({message_type::video, 1, 0, "picture"}, 6, 128));
    CHECK(client.media.empty());
}

TEST_CASE("commands out of order close the session", "[rtmp]") {
    const auto closes = [](const std::string& bytes) {
        Client client;
        client.feed(greeting() + bytes);
        return client.closed.has_value();
    };
    CHECK(closes(create_stream()));
    CHECK(closes(publish("key")));
    CHECK(closes(connect() + connect()));
    CHECK(closes(connect() + command(AmfWriter().text("publish").number(5).null())));
    CHECK(closes(connect() + command(AmfWriter().text("play").number(5).null().text("key"))));
    CHECK(closes(command(AmfWriter().number(5))));
    std::string many = connect();
    for (int i = 0; i < 100; ++i) many += create_stream();
    CHECK(closes(many));
    CHECK_FALSE(closes(connect() + command(AmfWriter().text("getStreamLength").number(5).null().text("key"))));
}

TEST_CASE("an AMF depth bomb in connect closes only its session", "[rtmp]") {
    std::string body = AmfWriter().text("connect").number(1).take();
    for (int i = 0; i < 100'000; ++i) body += std::string("\x03\x00\x01" "a", 4);
    Client client;
    client.feed(greeting() + write_chunks({message_type::command, 0, 0, body}, 3, 128));
    REQUIRE(client.closed);
    CHECK(client.closed->reason == Errc::too_large);
}

TEST_CASE("control messages are obeyed: chunk size, ping and acknowledgement window", "[rtmp]") {
    Client client;
    client.feed(greeting() + connect() + create_stream() + publish("key"));
    client.take(client.session.accept_publish());
    client.sent.clear();
    client.feed(write_chunks({message_type::user_control, 0, 0, std::string("\0\6abcd", 6)}, 2, 128));
    CHECK(client.was_told(std::string("\0\7abcd", 6)));
    client.feed(write_chunks({message_type::window_size, 0, 0, std::string("\0\0\0\0", 4)}, 2, 128));
    client.feed(write_chunks({message_type::set_chunk_size, 0, 0, std::string("\0\1\0\0", 4)}, 2, 128));
    client.sent.clear();
    const std::string picture(200'000, 'p');
    client.feed(write_chunks({message_type::video, 1, 0, picture}, 6, 65'536), 30'000);
    REQUIRE(client.media.size() == 1);
    CHECK(client.media[0].payload == picture);
    // A window of 0 is taken as 64 KiB: three or so acknowledgements, not one for each read.
    CHECK(client.sent.size() >= 16);
    CHECK(client.sent.size() <= 4 * 16);
    client.feed(write_chunks({message_type::set_chunk_size, 0, 0, std::string("\0\0\0\0", 4)}, 2, 65'536));
    CHECK(client.closed);
}

TEST_CASE("a handshake of another RTMP version is refused", "[rtmp]") {
    Client encrypted, junk;
    encrypted.feed("\x06");
    junk.feed("GET / HTTP/1.1\r\n\r\n");
    CHECK(encrypted.closed);
    CHECK(junk.closed);
}
