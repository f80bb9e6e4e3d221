#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace livefair::auth {

/// A browser, known by a random cookie that the site's pages set: it counts people, and keeps a banned one from coming back under another account.
/// Whoever throws the cookie away is another device; the two numbers below are all that is kept of it.
inline constexpr std::string_view device_cookie = "livefair_device";

/// A new cookie's value: 128 random bits. Thread-safe.
std::string make_device();

/// 64 bits of its SHA-256; 0 for what make_device() can't have made.
std::uint64_t device_of(std::string_view cookie);
/// As it is written in events and in the ledger: 16 hex digits; empty for 0.
std::string device_text(std::uint64_t device);

/// Who is counted as one person: a device, else (a client without cookies) an account, else a network address. Never 0.
std::uint64_t person_of(std::uint64_t device, std::string_view account, std::string_view address);

}  // namespace livefair::auth
