#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "base/config.hpp"

using namespace livefair;

namespace {

/// A file that is gone with the test.
struct TemporaryFile {
    explicit TemporaryFile(const std::string& text) : path("/tmp/livefair_config_" + std::to_string(::getpid()) + ".toml") {
        std::ofstream(path) << text;
    }
    ~TemporaryFile() { ::unlink(path.c_str()); }
    std::string path;
};

std::string error_of(const std::string& text) {
    const TemporaryFile file(text);
    try {
        load_config(file.path);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("the commented file in config/ says exactly the built-in defaults", "[base]") {
    const auto from_file = load_config(std::string(LIVEFAIR_SOURCE_DIR) + "/config/livefair.toml");
    const Config built_in;
    CHECK(from_file.site.url == built_in.site.url);
    CHECK(from_file.server.port == built_in.server.port);
    CHECK(from_file.server.drain_ms == built_in.server.drain_ms);
    CHECK(from_file.media.part_ms == built_in.media.part_ms);
    CHECK(from_file.media.message_bytes_max == built_in.media.message_bytes_max);
    CHECK(from_file.media.secret_file == built_in.media.secret_file);
    CHECK(from_file.thumb.enabled == built_in.thumb.enabled);
    CHECK(from_file.thumb.every_ms == built_in.thumb.every_ms);
    CHECK(from_file.push.queue_bytes == built_in.push.queue_bytes);
    CHECK(from_file.push.allow_private == built_in.push.allow_private);
    CHECK(from_file.redis.deadline_ms == built_in.redis.deadline_ms);
    CHECK(from_file.ledger.path == built_in.ledger.path);
    CHECK(from_file.ledger.location() == built_in.ledger.location());
    CHECK(from_file.ledger.wal_bytes_max == built_in.ledger.wal_bytes_max);
    CHECK(from_file.limits.outbox_bytes_max == built_in.limits.outbox_bytes_max);
    CHECK(from_file.room.chat_lines_per_s == built_in.room.chat_lines_per_s);
    CHECK(from_file.overload.lag_ms == built_in.overload.lag_ms);
    CHECK(from_file.overload.queued_bytes == built_in.overload.queued_bytes);
    CHECK(from_file.room.word_list_file == built_in.room.word_list_file);
    CHECK(from_file.auth.session_days == built_in.auth.session_days);
    CHECK(from_file.payment.webhook_window_s == built_in.payment.webhook_window_s);
}

TEST_CASE("a config error names the line and what is wrong", "[base]") {
    CHECK_THAT(error_of("[server]\nprot = 1\n"), Catch::Contains(":2") && Catch::Contains("unknown key 'server.prot'"));
    CHECK_THAT(error_of("[server]\nport = \"80\"\n"), Catch::Contains("whole number"));
    CHECK_THAT(error_of("[server]\nport = 70000\n"), Catch::Contains("from 0 to 65535"));
    CHECK_THAT(error_of("[push]\nallow_private = 1\n"), Catch::Contains("true or false"));
    CHECK_THAT(error_of("[server\n"), Catch::Contains(":1"));
    CHECK_THAT(error_of("port = 1\n"), Catch::Contains("inside a [section]"));
}

TEST_CASE("the environment overrides the file", "[base]") {
    const TemporaryFile file("[server]\nport = 1\n");
    ::setenv("LIVEFAIR_SERVER_PORT", "2", 1);
    ::setenv("LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1,::1", 1);
    ::setenv("LIVEFAIR_PUSH_ALLOW_PRIVATE", "true", 1);
    const auto config = load_config(file.path);
    ::unsetenv("LIVEFAIR_PUSH_ALLOW_PRIVATE");
    ::unsetenv("LIVEFAIR_SERVER_PORT");
    ::unsetenv("LIVEFAIR_LIMITS_TRUSTED_ADDRESSES");
    CHECK(config.server.port == 2);
    CHECK(config.push.allow_private);
    CHECK(config.limits.trusted_addresses == std::vector<std::string>{"127.0.0.1", "::1"});
}
