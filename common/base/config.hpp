#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"

namespace livefair {

/// All settings of both programs; config/livefair.toml explains each key (meaning, unit, default).
/// The defaults here equal the file's; a test compares them. Ports 0 let the kernel choose (tests).
struct Config {
    struct Site {
        std::string url = "http://127.0.0.1:8080";
        std::string media_url = "http://127.0.0.1:8081";
        std::string rtmp_url = "rtmp://127.0.0.1:1935/live";
        std::vector<std::string> allowed_origins;
    } site;
    struct Server {
        std::string address = "127.0.0.1";
        std::int64_t port = 8080;
        std::int64_t health_port = 8082;
        std::int64_t shards = 0;
        std::string web_dir = "web/dist";
        std::int64_t drain_ms = 5000;
        std::string ledger_url;
        bool websocket_deflate = true;
    } server;
    struct Media {
        std::string address = "127.0.0.1";
        std::int64_t hls_port = 8081;
        std::int64_t rtmp_port = 1935;
        std::int64_t rtmps_port = 1936;
        std::string tls_certificate_file;
        std::string tls_key_file;
        std::int64_t health_port = 8084;
        std::int64_t part_ms = 200;
        std::int64_t segment_ms = 2000;
        std::int64_t window_segments = 7;
        bool audio_rendition = true;
        std::int64_t grace_ms = 120'000;
        std::int64_t idle_ms = 10'000;
        std::int64_t backup_after_ms = 3'000;
        std::int64_t handshake_ms = 5'000;
        std::int64_t message_bytes_max = 4 * 1024 * 1024;
        std::int64_t publishers_per_address = 32;
        std::int64_t bad_keys_per_minute = 5;
        std::int64_t blocked_requests_max = 20'000;
        std::string secret_file = "var/media.secret";
        std::int64_t watch_token_s = 600;
        std::int64_t download_token_s = 3600;
    } media;
    struct Record {
        bool enabled = true;
        std::string dir = "var/recordings";
        std::int64_t retention_days = 1096;
        std::int64_t reserve_bytes = 512 * 1024 * 1024;
    } record;
    struct Thumb {
        bool enabled = true;
        std::int64_t every_ms = 10'000;
        std::int64_t width = 480;
    } thumb;
    struct Ladder {
        std::vector<std::string> renditions;
    } ladder;
    struct Push {
        std::int64_t queue_bytes = 4 * 1024 * 1024;
        std::int64_t stall_ms = 10'000;
        std::int64_t retry_ms = 1000;
        std::int64_t retry_max_ms = 60'000;
        bool allow_private = false;
    } push;
    struct Redis {
        std::string socket;
        std::string host = "127.0.0.1";
        std::int64_t port = 6379;
        std::vector<std::string> cluster_nodes;
        std::int64_t replicas_min = 0;
        std::string password;
        std::int64_t deadline_ms = 1000;
        std::int64_t in_flight_max = 4096;
    } redis;
    struct Ledger {
        std::string path = "var/ledger.sqlite3";
        std::string url;
        std::int64_t wal_bytes_max = 1024 * 1024 * 1024;
        std::int64_t lease_ms = 3000;
        std::int64_t batch_ms = 5;
        std::int64_t batch_rows = 4000;
        /// Where the ledger is: the URL when there is one, else the file.
        const std::string& location() const { return url.empty() ? path : url; }
    } ledger;
    struct Limits {
        std::int64_t connections_max = 20'000;
        std::int64_t connections_per_address = 50;
        std::int64_t rooms_per_connection = 5;
        std::int64_t message_bytes_max = 8192;
        std::int64_t messages_per_second = 20;
        std::int64_t messages_burst = 40;
        std::int64_t requests_per_second = 20;
        std::int64_t requests_burst = 60;
        std::int64_t body_bytes_max = 65'536;
        std::int64_t import_bytes_max = 1'048'576;
        std::int64_t header_bytes_max = 8192;
        std::int64_t outbox_bytes_max = 262'144;
        std::int64_t handshake_ms = 5000;
        std::int64_t idle_ms = 60'000;
        std::vector<std::string> trusted_addresses;
        std::vector<std::string> proxy_addresses;
    } limits;
    struct Room {
        std::int64_t tick_ms = 100;
        std::int64_t history_max = 1000;
        std::int64_t snapshot_chat_lines = 50;
        std::int64_t chat_chars_max = 200;
        std::int64_t chat_per_10s = 5;
        std::int64_t chat_lines_per_s = 50;
        std::vector<std::string> banned_words;
        std::string word_list_file = "var/words.txt";
    } room;
    struct Overload {
        std::int64_t lag_ms = 1000;
        std::int64_t memory_bytes = 0;
        std::int64_t queued_bytes = 1024 * 1024 * 1024;
    } overload;
    struct Auth {
        std::int64_t session_days = 14;
        std::string code_provider = "sandbox";
        std::int64_t code_valid_ms = 300'000;
        std::int64_t sign_in_failures_per_minute = 10;
    } auth;
    struct Payment {
        std::string provider = "sandbox";
        std::string webhook_secret_file = "var/webhook.secret";
        std::int64_t webhook_window_s = 300;
    } payment;
    struct Orders {
        std::int64_t refund_four_eyes_fen = 100'000;
        std::string personal_key_file = "var/personal.key";
        bool relaxed_answers = false;
    } orders;
    struct Log {
        std::string level = "info";
        std::string file;
    } log;
};

/// Reads the TOML file (empty path: defaults alone), then environment variables LIVEFAIR_<SECTION>_<KEY>; lists are comma-separated there.
/// Errors (for start-up alone): throws std::runtime_error with file, line and what to do, for a syntax error, an unknown key,
/// a wrong type or a value outside its bounds.
Config load_config(const std::string& path);

}  // namespace livefair
