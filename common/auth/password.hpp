#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::auth {

constexpr std::size_t password_bytes_min = 10, password_bytes_max = 128;

/// Argon2id with libsodium's interactive limits (64 MiB, about 0.1 s of one core). The answer holds salt and
/// parameters. BLOCKING: call it on a worker thread, never on a shard. Errors: Errc::invalid_input - shorter than
/// password_bytes_min or longer than password_bytes_max; internal - no memory.
Result<std::string> hash_password(std::string_view password);

/// Whether `password` is the one behind `hash`. An empty `hash` (unknown user) costs the same time and is false, so
/// that an answer's time does not tell which names exist. BLOCKING, as hash_password().
bool verify_password(std::string_view hash, std::string_view password);

}  // namespace livefair::auth
