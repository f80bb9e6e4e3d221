#pragma once

#include <array>
#include <cstdint>
#include <mutex>

#include "base/bytes.hpp"
#include "net/gzip.hpp"

namespace livefair::hls {

/// The texts made from one snapshot: each when it is first asked for (a show that nobody watches costs none), then the same bytes for
/// all who ask. Thread-safe; while one shard renders, others that want a text of this snapshot wait for some 50 µs.
class Rendered {
public:
    enum class Kind : std::uint8_t { media, media_delta, multivariant };
    struct Text {
        SharedBytes plain;
        SharedBytes gzip;  ///< Null until somebody asks for it.
    };

    /// `make` gives the text; it is called under this object's lock, at most once for each kind and track choice.
    template <class Make>
    Text get(Kind kind, bool audio_only, bool packed, const Make& make) const {
        const std::lock_guard lock(mutex_);
        auto& text = texts_[static_cast<std::size_t>(kind) * 2 + (audio_only ? 1 : 0)];
        if (!text.plain) text.plain = share_bytes(make());
        if (packed && !text.gzip) text.gzip = share_bytes(net::gzip(*text.plain));
        return text;
    }

private:
    mutable std::mutex mutex_;
    mutable std::array<Text, 6> texts_;
};

}  // namespace livefair::hls
