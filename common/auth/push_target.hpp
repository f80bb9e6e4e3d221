#pragma once

#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::auth {

/// Where a room's stream is pushed on to: another platform's address and the stream key it gave. The key is a secret: it leaves
/// the server sealed alone, and is never logged or shown.
struct PushTarget {
    std::string url;
    std::string key;
    bool operator==(const PushTarget&) const = default;
};

/// Whether `key` can be a stream key of some platform: 1 to 500 bytes of printable ASCII, no spaces.
bool is_push_key(std::string_view key);

/// {"url":...,"key":...}, sealed (media_secret.hpp): the values of the Redis hashes {lf:push}:<room>.
std::string seal_push_target(std::string_view secret, const PushTarget& target);
/// Errors: Errc::invalid_input - sealed under another secret, or not of this form.
Result<PushTarget> unseal_push_target(std::string_view secret, std::string_view sealed);
/// What unseal_push_target() does with the text inside the seal.
Result<PushTarget> parse_push_target(std::string_view json);

}  // namespace livefair::auth
