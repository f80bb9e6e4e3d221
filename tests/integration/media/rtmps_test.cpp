#include "integration/media/studio.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/rtmp_publisher.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

struct Certificate {
    TemporaryFolder folder;
    std::string file = folder.file("cert.pem"), key = folder.file("key.pem");
    Certificate() { make_certificate(file, key); }
    Studio::Environment environment() const {
        return {{"LIVEFAIR_MEDIA_TLS_CERTIFICATE_FILE", file}, {"LIVEFAIR_MEDIA_TLS_KEY_FILE", key}};
    }
};

bool has_segments(Studio& studio, const std::string& room, std::size_t count) {
    return eventually([&] { return lines_with(studio.playlist(room), "seg_").size() >= count; }, 30s);
}

}  // namespace

TEST_CASE("ffmpeg publishes by RTMPS beside RTMP in the clear, on every shard", "[media]") {
    const Certificate certificate;
    Studio studio(certificate.environment());
    // Rooms live on the shard of their name: two shards, so some of these connections move.
    std::vector<std::unique_ptr<Process>> publishers;
    for (const std::string room : {"hunan", "guizhou", "yunnan", "sichuan"}) publishers.push_back(studio.publish({.key = studio.make_key(room), .tls = true}));
    publishers.push_back(studio.publish({.key = studio.make_key("plain")}));
    for (const auto* room : {"hunan", "guizhou", "yunnan", "sichuan", "plain"}) {
        INFO(room << "\n" << studio.log());
        CHECK(has_segments(studio, room, 2));
    }
    CHECK(studio.metric("livefair_media_tls_certificate_expires_seconds") > 1'700'000'000);
}

TEST_CASE("a wrong key is refused over RTMPS, too, and RTMP in the clear gets no answer there", "[media]") {
    const Certificate certificate;
    Studio studio(certificate.environment());
    const auto wrong = studio.publish({.key = "no-such-key", .tls = true});
    CHECK(wrong->wait(20s).value_or(0) != 0);
    CHECK(wrong->output().find("推流码无效") != std::string::npos);
    RtmpPublisher plain({.port = studio.rtmps_port()});
    CHECK(plain.publish(studio.make_key("hunan")) != "NetStream.Publish.Start");
    const auto right = studio.publish({.key = studio.make_key("hunan"), .tls = true});
    CHECK(has_segments(studio, "hunan", 1));
}
