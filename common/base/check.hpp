#pragma once

namespace livefair::detail {
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}

/// An invariant of ours, checked in every build; a broken one aborts, because going on would corrupt money or memory.
#define LF_CHECK(condition) \
    (static_cast<bool>(condition) ? void(0) : ::livefair::detail::check_failed(#condition, __FILE__, __LINE__))
