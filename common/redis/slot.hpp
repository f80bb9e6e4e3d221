#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a command's words say: where it belongs in a Redis Cluster (its specification, "Key distribution model" and "MOVED Redirection").
namespace livefair::redis {

constexpr std::uint16_t slot_count = 16384;

/// One server.
struct Address {
    std::string host;
    std::uint16_t port = 0;
    auto operator<=>(const Address&) const = default;
    std::string text() const { return host + ":" + std::to_string(port); }
};
/// "host:port"; the host may be an IPv6 address, with or without brackets.
std::optional<Address> parse_address(std::string_view text);

/// CRC16 of the key, or of what stands between its first "{" and the next "}" when that is not empty.
std::uint16_t slot_of_key(std::string_view key);
/// The slot of a command's first key; nullopt when it has none, so that any server may answer. Of the commands that Livefair uses.
std::optional<std::uint16_t> slot_of_command(const std::vector<std::string>& command);

/// Whether a command, of those that Livefair uses, can't change anything.
bool is_read(const std::vector<std::string>& command);

/// An error reply that says where to ask instead, or to ask again.
struct Redirect {
    enum class Kind { moved, ask, again };
    Kind kind = Kind::again;
    std::uint16_t slot = 0;  ///< Of moved and ask.
    Address to;              ///< The same; an empty host: the server that was asked, at another port.
};
std::optional<Redirect> parse_redirect(std::string_view error);

}  // namespace livefair::redis
