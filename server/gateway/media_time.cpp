#include "gateway/media_time.hpp"

#include <algorithm>

#include "room/bus.hpp"

namespace livefair::gateway {
namespace {

/// How far back a click may lie.
constexpr std::int64_t media_time_back_ms = 30'000;

}  // namespace

net::Task<Result<std::int64_t>> media_time(Session& session, std::int64_t wished_ms) {
    const auto now_ms = co_await session.services().bus.now_ms();
    if (!now_ms) co_return now_ms.error();
    if (wished_ms == 0) co_return *now_ms;
    co_return std::clamp(wished_ms, *now_ms - media_time_back_ms, *now_ms);
}

}  // namespace livefair::gateway
