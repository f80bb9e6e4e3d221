#include "base/config.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <variant>

namespace livefair {
namespace {

struct Integer {
    std::int64_t* value;
    std::int64_t least;
    std::int64_t most;
};
using Target = std::variant<Integer, bool*, std::string*, std::vector<std::string>*>;
using Targets = std::map<std::string, Target>;  // by "section.key"

/// Every key there is, bound to its place in `c`; integers with their bounds.
Targets bind(Config& c) {
    constexpr std::int64_t port = 65'535, minute = 60'000, day = 86'400'000, gib = 1 << 30, million = 1'000'000;
    return {
        {"site.url", &c.site.url},
        {"site.media_url", &c.site.media_url},
        {"site.rtmp_url", &c.site.rtmp_url},
        {"site.allowed_origins", &c.site.allowed_origins},
        {"server.address", &c.server.address},
        {"server.port", Integer{&c.server.port, 0, port}},
        {"server.health_port", Integer{&c.server.health_port, 0, port}},
        {"server.shards", Integer{&c.server.shards, 0, 256}},
        {"server.web_dir", &c.server.web_dir},
        {"server.ledger_url", &c.server.ledger_url},
        {"server.websocket_deflate", &c.server.websocket_deflate},
        {"server.drain_ms", Integer{&c.server.drain_ms, 0, 10 * minute}},
        {"media.address", &c.media.address},
        {"media.hls_port", Integer{&c.media.hls_port, 0, port}},
        {"media.rtmp_port", Integer{&c.media.rtmp_port, 0, port}},
        {"media.rtmps_port", Integer{&c.media.rtmps_port, 0, port}},
        {"media.tls_certificate_file", &c.media.tls_certificate_file},
        {"media.tls_key_file", &c.media.tls_key_file},
        {"media.health_port", Integer{&c.media.health_port, 0, port}},
        {"media.part_ms", Integer{&c.media.part_ms, 100, 1000}},
        {"media.segment_ms", Integer{&c.media.segment_ms, 500, 10'000}},
        {"media.window_segments", Integer{&c.media.window_segments, 3, 1000}},
        {"media.audio_rendition", &c.media.audio_rendition},
        {"media.grace_ms", Integer{&c.media.grace_ms, 0, day}},
        {"media.backup_after_ms", Integer{&c.media.backup_after_ms, 500, minute}},
        {"media.idle_ms", Integer{&c.media.idle_ms, 100, 10 * minute}},
        {"media.handshake_ms", Integer{&c.media.handshake_ms, 100, minute}},
        {"media.message_bytes_max", Integer{&c.media.message_bytes_max, 65'536, gib}},
        {"media.publishers_per_address", Integer{&c.media.publishers_per_address, 1, million}},
        {"media.bad_keys_per_minute", Integer{&c.media.bad_keys_per_minute, 1, million}},
        {"media.blocked_requests_max", Integer{&c.media.blocked_requests_max, 1, million}},
        {"media.secret_file", &c.media.secret_file},
        {"media.watch_token_s", Integer{&c.media.watch_token_s, 10, 86'400}},
        {"media.download_token_s", Integer{&c.media.download_token_s, 10, 86'400}},
        {"ladder.renditions", &c.ladder.renditions},
        {"record.enabled", &c.record.enabled},
        {"record.dir", &c.record.dir},
        {"record.retention_days", Integer{&c.record.retention_days, 1, 36'500}},
        {"record.reserve_bytes", Integer{&c.record.reserve_bytes, 0, 1024 * gib}},
        {"thumb.enabled", &c.thumb.enabled},
        {"thumb.every_ms", Integer{&c.thumb.every_ms, 1000, 10 * minute}},
        {"thumb.width", Integer{&c.thumb.width, 64, 1920}},
        {"push.queue_bytes", Integer{&c.push.queue_bytes, 65'536, gib}},
        {"push.stall_ms", Integer{&c.push.stall_ms, 100, minute}},
        {"push.retry_ms", Integer{&c.push.retry_ms, 50, minute}},
        {"push.retry_max_ms", Integer{&c.push.retry_max_ms, 50, 10 * minute}},
        {"push.allow_private", &c.push.allow_private},
        {"redis.socket", &c.redis.socket},
        {"redis.host", &c.redis.host},
        {"redis.port", Integer{&c.redis.port, 1, port}},
        {"redis.cluster_nodes", &c.redis.cluster_nodes},
        {"redis.replicas_min", Integer{&c.redis.replicas_min, 0, 10}},
        {"redis.password", &c.redis.password},
        {"redis.deadline_ms", Integer{&c.redis.deadline_ms, 10, minute}},
        {"redis.in_flight_max", Integer{&c.redis.in_flight_max, 1, million}},
        {"ledger.path", &c.ledger.path},
        {"ledger.url", &c.ledger.url},
        {"ledger.wal_bytes_max", Integer{&c.ledger.wal_bytes_max, 16 * million, 1024 * gib}},
        {"ledger.lease_ms", Integer{&c.ledger.lease_ms, 300, minute}},
        {"ledger.batch_ms", Integer{&c.ledger.batch_ms, 0, 15}},
        {"ledger.batch_rows", Integer{&c.ledger.batch_rows, 1, 100'000}},
        {"limits.connections_max", Integer{&c.limits.connections_max, 1, 10 * million}},
        {"limits.connections_per_address", Integer{&c.limits.connections_per_address, 1, million}},
        {"limits.rooms_per_connection", Integer{&c.limits.rooms_per_connection, 1, 100}},
        {"limits.message_bytes_max", Integer{&c.limits.message_bytes_max, 1024, million}},
        {"limits.messages_per_second", Integer{&c.limits.messages_per_second, 1, million}},
        {"limits.messages_burst", Integer{&c.limits.messages_burst, 1, million}},
        {"limits.requests_per_second", Integer{&c.limits.requests_per_second, 1, million}},
        {"limits.requests_burst", Integer{&c.limits.requests_burst, 1, million}},
        {"limits.body_bytes_max", Integer{&c.limits.body_bytes_max, 1024, gib}},
        {"limits.import_bytes_max", Integer{&c.limits.import_bytes_max, 1024, 16'777'216}},
        {"limits.header_bytes_max", Integer{&c.limits.header_bytes_max, 1024, million}},
        {"limits.outbox_bytes_max", Integer{&c.limits.outbox_bytes_max, 16'384, gib}},
        {"limits.handshake_ms", Integer{&c.limits.handshake_ms, 100, minute}},
        {"limits.idle_ms", Integer{&c.limits.idle_ms, 1000, day}},
        {"limits.trusted_addresses", &c.limits.trusted_addresses},
        {"limits.proxy_addresses", &c.limits.proxy_addresses},
        {"room.tick_ms", Integer{&c.room.tick_ms, 0, 10'000}},
        {"room.history_max", Integer{&c.room.history_max, 10, million}},
        {"room.snapshot_chat_lines", Integer{&c.room.snapshot_chat_lines, 0, 1000}},
        {"room.chat_chars_max", Integer{&c.room.chat_chars_max, 1, 1000}},
        {"room.chat_per_10s", Integer{&c.room.chat_per_10s, 1, million}},
        {"room.chat_lines_per_s", Integer{&c.room.chat_lines_per_s, 1, million}},
        {"room.banned_words", &c.room.banned_words},
        {"room.word_list_file", &c.room.word_list_file},
        {"overload.lag_ms", Integer{&c.overload.lag_ms, 10, 10 * minute}},
        {"overload.memory_bytes", Integer{&c.overload.memory_bytes, 0, 1024 * gib}},
        {"overload.queued_bytes", Integer{&c.overload.queued_bytes, 16'384, 1024 * gib}},
        {"auth.session_days", Integer{&c.auth.session_days, 1, 365}},
        {"auth.code_provider", &c.auth.code_provider},
        {"auth.code_valid_ms", Integer{&c.auth.code_valid_ms, 1000, day}},
        {"auth.sign_in_failures_per_minute", Integer{&c.auth.sign_in_failures_per_minute, 1, million}},
        {"payment.provider", &c.payment.provider},
        {"payment.webhook_secret_file", &c.payment.webhook_secret_file},
        {"payment.webhook_window_s", Integer{&c.payment.webhook_window_s, 1, 86'400}},
        {"orders.refund_four_eyes_fen", Integer{&c.orders.refund_four_eyes_fen, 0, 100'000 * million}},
        {"orders.personal_key_file", &c.orders.personal_key_file},
        {"orders.relaxed_answers", &c.orders.relaxed_answers},
        {"log.level", &c.log.level},
        {"log.file", &c.log.file},
    };
}

[[noreturn]] void fail(const std::string& where, const std::string& why) { throw std::runtime_error(where + ": " + why); }

void set_integer(const Integer& target, std::int64_t value, const std::string& where) {
    if (value < target.least || value > target.most)
        fail(where, "must be from " + std::to_string(target.least) + " to " + std::to_string(target.most));
    *target.value = value;
}

void set_from_node(const Target& target, const toml::node& node, const std::string& where) {
    if (const auto* integer = std::get_if<Integer>(&target)) {
        const auto value = node.value_exact<std::int64_t>();
        if (!value) fail(where, "must be a whole number");
        set_integer(*integer, *value, where);
    } else if (auto* const* flag = std::get_if<bool*>(&target)) {
        const auto value = node.value_exact<bool>();
        if (!value) fail(where, "must be true or false");
        **flag = *value;
    } else if (auto* const* text = std::get_if<std::string*>(&target)) {
        const auto value = node.value_exact<std::string>();
        if (!value) fail(where, "must be a text in quotes");
        **text = *value;
    } else {
        const auto* array = node.as_array();
        if (!array) fail(where, "must be a list of texts");
        auto& list = *std::get<std::vector<std::string>*>(target);
        list.clear();
        for (const auto& item : *array) {
            const auto value = item.value_exact<std::string>();
            if (!value) fail(where, "must be a list of texts");
            list.push_back(*value);
        }
    }
}

void set_from_text(const Target& target, const std::string& text, const std::string& where) {
    if (const auto* integer = std::get_if<Integer>(&target)) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) fail(where, "must be a whole number");
        set_integer(*integer, value, where);
    } else if (auto* const* flag = std::get_if<bool*>(&target)) {
        if (text != "true" && text != "false") fail(where, "must be true or false");
        **flag = text == "true";
    } else if (auto* const* string = std::get_if<std::string*>(&target)) {
        **string = text;
    } else {
        auto& list = *std::get<std::vector<std::string>*>(target);
        list.clear();
        for (std::size_t begin = 0; begin < text.size();) {
            const auto end = std::min(text.find(',', begin), text.size());
            if (end > begin) list.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
    }
}

std::string environment_name(std::string key) {
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
    return "LIVEFAIR_" + key;
}

void read_file(const std::string& path, const Targets& targets) {
    toml::table file;
    try {
        file = toml::parse_file(path);
    } catch (const toml::parse_error& error) {
        fail(path + ":" + std::to_string(error.source().begin.line), std::string(error.description()));
    }
    for (const auto& [section, section_node] : file) {
        const auto at = [&](const toml::node& node) { return path + ":" + std::to_string(node.source().begin.line); };
        const auto* table = section_node.as_table();
        if (!table) fail(at(section_node), "'" + std::string(section.str()) + "' must stand inside a [section]");
        for (const auto& [key, node] : *table) {
            const auto name = std::string(section.str()) + "." + std::string(key.str());
            const auto target = targets.find(name);
            if (target == targets.end()) fail(at(node), "unknown key '" + name + "'; config/livefair.toml lists every key");
            set_from_node(target->second, node, at(node) + ": " + name);
        }
    }
}

}  // namespace

Config load_config(const std::string& path) {
    Config config;
    const auto targets = bind(config);
    if (!path.empty()) read_file(path, targets);
    for (const auto& [key, target] : targets) {
        const auto name = environment_name(key);
        if (const char* text = std::getenv(name.c_str())) set_from_text(target, text, name);
    }
    return config;
}

}  // namespace livefair
