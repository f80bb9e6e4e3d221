#pragma once

#include <string>
#include <string_view>

namespace livefair::auth {

/// A fresh secret of 256 random bits, 64 hex characters: sessions. Thread-safe.
std::string make_token();
/// A fresh secret of 128 random bits, 32 hex characters: short enough to paste into OBS.
std::string make_stream_key();

/// SHA-256 as 64 lower-case hex characters. Random secrets are stored and looked up by this alone; they have
/// enough bits that no slow hash is needed. Passwords go through password.hpp instead.
std::string hash_token(std::string_view token);

/// Whether both are equal, in a time that depends on their lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace livefair::auth
