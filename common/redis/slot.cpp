#include "redis/slot.hpp"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <charconv>

namespace livefair::redis {
namespace {

template <class Integer>
std::optional<Integer> parse_number(std::string_view text) {
    Integer value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Commands without a key.
constexpr std::array<std::string_view, 7> keyless = {"CLUSTER", "CONFIG", "FLUSHALL", "FUNCTION", "INFO", "PING", "TIME"};

constexpr std::array<std::string_view, 17> reads = {"CLUSTER", "EXISTS", "FCALL_RO", "GET",   "HGET",      "HGETALL", "HMGET", "INFO",  "MGET",
                                                    "PING",    "SMEMBERS", "TIME",   "XLEN",  "XRANGE",    "XREAD",   "XREVRANGE", "ZRANGE"};

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!port || *port == 0) return std::nullopt;
    auto host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return Address{std::string(host), *port};
}

std::uint16_t slot_of_key(std::string_view key) {
    const auto open = key.find('{');
    const auto close = open == key.npos ? key.npos : key.find('}', open + 1);
    if (close != key.npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
    boost::crc_optimal<16, 0x1021, 0, 0, false, false> crc;  // CRC-16/XMODEM
    crc.process_bytes(key.data(), key.size());
    return static_cast<std::uint16_t>(crc.checksum() % slot_count);
}

std::optional<std::uint16_t> slot_of_command(const std::vector<std::string>& command) {
    if (command.size() < 2 || std::find(keyless.begin(), keyless.end(), command[0]) != keyless.end()) return std::nullopt;
    if (command[0] == "EVAL" || command[0] == "FCALL" || command[0] == "FCALL_RO") {
        if (command.size() < 4 || command[2] == "0") return std::nullopt;
        return slot_of_key(command[3]);
    }
    if (command[0] == "XREAD") {
        const auto streams = std::find(command.begin(), command.end(), "STREAMS");
        if (command.end() - streams < 2) return std::nullopt;
        return slot_of_key(streams[1]);
    }
    return slot_of_key(command[1]);
}

bool is_read(const std::vector<std::string>& command) {
    return !command.empty() && std::find(reads.begin(), reads.end(), command[0]) != reads.end();
}

std::optional<Redirect> parse_redirect(std::string_view error) {
    for (const auto* refusal : {"TRYAGAIN", "CLUSTERDOWN", "LOADING", "READONLY", "MASTERDOWN", "NOREPLICAS"})
        if (error.starts_with(refusal)) return Redirect{};
    Redirect redirect;
    if (error.starts_with("MOVED ")) redirect.kind = Redirect::Kind::moved;
    else if (error.starts_with("ASK ")) redirect.kind = Redirect::Kind::ask;
    else return std::nullopt;
    const auto first = error.find(' ');
    const auto second = error.find(' ', first + 1);
    if (second == error.npos) return std::nullopt;
    const auto slot = parse_number<std::uint16_t>(error.substr(first + 1, second - first - 1));
    auto to = parse_address(error.substr(second + 1));
    if (!slot || *slot >= slot_count || !to) return std::nullopt;
    redirect.slot = *slot;
    redirect.to = std::move(*to);
    return redirect;
}

}  // namespace livefair::redis
