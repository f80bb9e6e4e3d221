#include <catch2/catch.hpp>

#include "base/bytes.hpp"
#include "flv/tag.hpp"
#include "push/client_session.hpp"
#include "push/flv_writer.hpp"
#include "push/pusher.hpp"
#include "push/queue.hpp"
#include "push/words.hpp"
#include "rtmp/session.hpp"

using namespace livefair;
using namespace std::chrono_literals;

namespace {

const push::ClientOptions options{"live", "rtmp://a.example/live", "room?key=secret", {"hvc1", "av01"}};

/// A client and our own server's session, with what each said to the other fed in pieces of `piece` bytes.
struct Pair {
    explicit Pair(std::size_t piece_bytes) : piece(piece_bytes) { to_server(client.hello()); }

    void to_server(std::string_view bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += piece) take(server.feed(bytes.substr(at, piece)));
    }
    void take(rtmp::Actions actions) {
        for (auto& action : actions) {
            if (auto* send = std::get_if<rtmp::Send>(&action)) to_client(send->bytes);
            if (auto* request = std::get_if<rtmp::PublishRequested>(&action)) requested = *request;
            if (auto* media = std::get_if<rtmp::Media>(&action)) received.push_back(*media);
            if (std::holds_alternative<rtmp::Closed>(action)) server_closed = true;
        }
    }
    void to_client(const std::string& bytes) {
        std::string answers;
        for (std::size_t at = 0; at < bytes.size(); at += piece)
            for (auto& action : client.feed(std::string_view(bytes).substr(at, piece))) {
                if (auto* send = std::get_if<push::Send>(&action)) answers += send->bytes;
                if (std::holds_alternative<push::Started>(action)) started = true;
                if (auto* no = std::get_if<push::Refused>(&action)) refused = *no;
            }
        if (!answers.empty()) to_server(answers);
    }

    std::size_t piece;
    push::ClientSession client{options};
    rtmp::Session server{rtmp::ChunkLimits{}};
    std::optional<rtmp::PublishRequested> requested;
    std::vector<rtmp::Media> received;
    std::optional<push::Refused> refused;
    bool started = false, server_closed = false;
};

/// A client whose handshake is done and who waits for the answer to connect.
struct Connecting {
    Connecting() {
        std::string greeting(1, '\x03');
        greeting.append(2 * 1536, 'x');
        static_cast<void>(client.feed(greeting));
    }
    push::Actions say(std::uint8_t type, std::string body) { return client.feed(rtmp::write_chunks({type, 0, 0, std::move(body)}, 3, 128)); }
    push::ClientSession client{options};
};

stream::Packet packet_of(stream::Track track, bool key, std::size_t bytes, std::int64_t dts_us = 0) {
    stream::Packet packet;
    packet.track = track;
    packet.key = key;
    packet.dts_us = dts_us;
    packet.bytes = share_bytes(std::string(bytes, 'x'));
    return packet;
}
stream::Packet key_of(std::int64_t at) { return packet_of(stream::Track::video, true, 1000, at); }
stream::Packet inter_of(std::int64_t at) { return packet_of(stream::Track::video, false, 1000, at); }
stream::Packet audio_of(std::int64_t at) { return packet_of(stream::Track::audio, true, 10, at); }

std::shared_ptr<const stream::Tracks> both_tracks() {
    stream::Tracks tracks;
    tracks.video.emplace();
    tracks.video->record = "avcC";
    tracks.audio.emplace();
    return std::make_shared<const stream::Tracks>(tracks);
}

/// What a queue holds, in short: T tracks, K key frame, p other frame, a audio.
std::string contents(push::Queue& queue) {
    std::string text;
    while (const auto item = queue.pop())
        text += item->tracks ? 'T' : item->packet.track == stream::Track::audio ? 'a' : item->packet.key ? 'K' : 'p';
    return text;
}

}  // namespace

TEST_CASE("the push client publishes to our own server, however the bytes are cut", "[push]") {
    const std::string frame(150'000, 'f');
    for (std::size_t piece = 1; piece <= 64; ++piece) {
        Pair pair(piece);
        REQUIRE(pair.requested);
        CHECK(pair.requested->app == "live");
        CHECK(pair.requested->name == "room");  // our server takes the query off
        CHECK_FALSE(pair.started);
        pair.take(pair.server.accept_publish());
        REQUIRE(pair.started);
        if (piece % 16 != 0) continue;
        pair.to_server(pair.client.video(0x1000000, "head", frame));
        pair.to_server(pair.client.audio(5, "\xAF\x01", "sound"));
        REQUIRE(pair.received.size() == 2);
        CHECK((pair.received[0].timestamp_ms == 0x1000000 && pair.received[0].payload == "head" + frame));
        CHECK((pair.received[1].kind == rtmp::Media::Kind::audio && pair.received[1].payload == "\xAF\x01sound"));
        pair.to_server(pair.client.goodbye());
        CHECK(pair.server_closed);
    }
}

TEST_CASE("a refused key is told with the platform's words", "[push]") {
    Pair pair(64);
    pair.take(pair.server.refuse("NetStream.Publish.BadName", "no such key"));
    REQUIRE(pair.refused);
    CHECK(pair.refused->code == "NetStream.Publish.BadName");
    CHECK(pair.refused->description == "no such key");
    CHECK_FALSE(pair.started);
}

TEST_CASE("a refused connect is a refusal, one of releaseStream is nothing", "[push]") {
    const auto error = [](double transaction) {
        rtmp::AmfWriter body;
        body.text("_error").number(transaction).null().object({{"level", "error"}, {"code", "NetConnection.Connect.Rejected"}, {"description", "no"}});
        return body.take();
    };
    Connecting one;
    CHECK(one.say(20, error(2)).empty());
    const auto actions = one.say(20, error(1));
    REQUIRE(actions.size() == 1);
    CHECK(std::get<push::Refused>(actions[0]).code == "NetConnection.Connect.Rejected");
    CHECK(one.say(20, error(1)).empty());
}

TEST_CASE("a server that speaks nonsense ends the session", "[push]") {
    push::ClientSession other_version(options);
    CHECK(std::get<push::Ended>(other_version.feed("\x06")[0]).reason == Errc::unsupported);
    Connecting broken;
    CHECK(std::holds_alternative<push::Ended>(broken.say(20, "\x02\xff\xff")[0]));
    Connecting endless;
    std::string huge = rtmp::write_chunks({20, 0, 0, std::string(100'000, 'x')}, 3, 128);
    CHECK(std::get<push::Ended>(endless.client.feed(huge)[0]).reason == Errc::too_large);
    Connecting chunks;
    CHECK(std::holds_alternative<push::Ended>(chunks.say(1, std::string(4, '\0'))[0]));
}

TEST_CASE("pings are answered and windows acknowledged", "[push]") {
    Connecting one;
    ByteWriter ping;
    ping.big_endian(6, 2).big_endian(0x01020304, 4);
    const auto answer = one.say(4, ping.take());
    REQUIRE(answer.size() == 1);
    CHECK(std::get<push::Send>(answer[0]).bytes.find(std::string("\x00\x07\x01\x02\x03\x04", 6)) != std::string::npos);
    ByteWriter window;
    window.big_endian(1, 4);  // senseless: held at 64 KiB
    CHECK(one.say(5, window.take()).empty());
    std::size_t acknowledgements = 0;
    for (int i = 0; i < 100; ++i) acknowledgements += one.say(9, std::string(2000, 'x')).size();
    CHECK((acknowledgements >= 2 && acknowledgements <= 4));
}

TEST_CASE("a queue begins at a key frame, with the tracks before it and no sound before the picture", "[push]") {
    push::Queue queue(1 << 20);
    queue.push(both_tracks());
    queue.push(audio_of(0));
    queue.push(inter_of(0));
    queue.push(key_of(1));
    queue.push(audio_of(1));
    queue.push(inter_of(2));
    CHECK(queue.dropped() == 0);
    CHECK(contents(queue) == "TKap");
    CHECK(queue.bytes() == 0);
}

TEST_CASE("a full queue leaves out whole groups of pictures from the oldest on and keeps the sound", "[push]") {
    push::Queue queue(5500);
    queue.push(both_tracks());
    for (int i = 0; i < 3; ++i) {
        queue.push(key_of(i));
        queue.push(audio_of(i));
        queue.push(inter_of(i));
        queue.push(inter_of(i));
    }
    CHECK(queue.bytes() <= 5500);
    CHECK(queue.dropped() == 6);
    CHECK(contents(queue) == "TaaKapp");
}

TEST_CASE("without a later key frame all pictures go, and those to come until there is one", "[push]") {
    push::Queue queue(4000);
    queue.push(both_tracks());
    queue.push(key_of(0));
    for (int i = 0; i < 5; ++i) queue.push(inter_of(i));
    queue.push(audio_of(5));
    CHECK(contents(queue) == "Ta");
    CHECK(queue.dropped() == 6);
    queue.push(inter_of(6));
    queue.push(key_of(7));
    queue.push(inter_of(8));
    CHECK(contents(queue) == "Kp");
}

TEST_CASE("sound alone is bounded, too, and a new run begins at its own key frame", "[push]") {
    push::Queue queue(4000);
    queue.push(both_tracks());
    queue.push(key_of(0));
    for (int i = 0; i < 1000; ++i) queue.push(audio_of(i));
    CHECK(queue.bytes() <= 4000);
    CHECK(queue.dropped() > 900);
    while (queue.pop()) continue;
    queue.push(both_tracks());
    queue.push(both_tracks());
    queue.push(inter_of(1));
    queue.push(key_of(2));
    CHECK(contents(queue) == "TK");
}

TEST_CASE("pushed frames are what our own FLV reader takes", "[push]") {
    auto packet = key_of(0);
    packet.pts = packet.dts + 90 * 40;
    const auto body = push::video_frame_head(codec::VideoKind::avc, packet) + std::string(packet.data());
    const auto tag = flv::parse_video(body).value();
    CHECK((tag.key && tag.kind == flv::VideoTag::Kind::frame && tag.composition_ms == 40 && tag.data == packet.data()));
    const auto tracks = both_tracks();
    const auto config = push::video_config_body(*tracks);
    CHECK(flv::parse_video(config).value().data == "avcC");
    const auto metadata = flv::parse_metadata(push::metadata_body(*tracks)).value();
    CHECK((metadata.has_video && metadata.has_audio));
}

TEST_CASE("HEVC and AV1 are named by FourCC", "[push]") {
    auto packet = key_of(0);
    CHECK(push::video_frame_head(codec::VideoKind::hevc, packet) == "\x93hvc1");  // CodedFramesX: no composition time
    CHECK(push::video_frame_head(codec::VideoKind::av1, packet) == "\x91""av01");
    packet.key = false;
    packet.pts = 90 * 40;
    CHECK(push::video_frame_head(codec::VideoKind::hevc, packet) == std::string("\xA1hvc1\0\0\x28", 8));
}

TEST_CASE("what a platform says is shown without the key, bounded and clean", "[push]") {
    CHECK(push::shown_words("Code", "words", "key12345") == "Code: words");
    CHECK(push::shown_words("", "room live_77?sign=abcd1234 is banned", "live_77?sign=abcd1234") == "room *** is banned");
    CHECK(push::shown_words("", "sign abcd1234 of live", "live_77?sign=abcd1234").find("abcd1234") == std::string::npos);
    CHECK(push::shown_words("a\nb\x01", "", "k") == "ab");
    CHECK(push::shown_words(std::string(500, 'a'), "", "k").size() == 200);
    CHECK(push::shown_words(std::string(199, 'a') + "推流", "", "k") == std::string(199, 'a'));
    CHECK(push::shown_words("\xff\xfe\xfd\xfc\xfb", "", "k") == "?");
}

TEST_CASE("the wait between tries doubles up to its limit, and is random below it", "[push]") {
    CHECK(push::backoff(0, 1s, 60s, 0.999) <= 1s);
    CHECK(push::backoff(3, 1s, 60s, 0.5) == 4s);
    CHECK(push::backoff(50, 1s, 60s, 0.999) > 59s);
    CHECK(push::backoff(50, 1s, 60s, 0.999) <= 60s);
    CHECK(push::backoff(0, 1s, 60s, 0.0) > 100ms);
}
