#pragma once

#include "auth/rate_limit.hpp"
#include "base/config.hpp"

namespace livefair {

/// Viewers' chat: room.chat_per_10s, all of them at once if one likes.
inline auth::Rate chat_rate(const Config& config) {
    const auto per_10s = static_cast<double>(config.room.chat_per_10s);
    return {per_10s / 10, per_10s};
}

}  // namespace livefair
