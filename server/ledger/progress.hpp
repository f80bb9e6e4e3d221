#pragma once

#include "ledger/orders.hpp"

namespace livefair::ledger {

/// What became of a paid order: orders.progress. It only rises.
enum class Progress { none = 0, packed = 1, shipped = 2, done = 3, refunding = 4, refunded = 5 };
constexpr int progress_count = static_cast<int>(Progress::refunded) + 1;

/// The one table of steps: goods go forward, in order but for packing, which a small shop does not note; money goes
/// back from everywhere, and nothing follows that.
constexpr bool may_follow(Progress from, Progress to) {
    switch (to) {
        case Progress::none:
            return false;
        case Progress::packed:
            return from == Progress::none;
        case Progress::shipped:
            return from == Progress::none || from == Progress::packed;
        case Progress::done:
            return from == Progress::shipped;
        case Progress::refunding:
            return from < Progress::refunding;
        case Progress::refunded:
            return from == Progress::refunding;
    }
    return false;
}

/// orders.state and orders.progress as one number, that of v1::OrderState.
constexpr int shown_state(OrderState state, Progress progress) {
    constexpr int before_packed = 5;
    if (state != OrderState::paid || progress == Progress::none) return static_cast<int>(state);
    return before_packed + static_cast<int>(progress);
}

}  // namespace livefair::ledger
