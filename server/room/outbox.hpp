#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/errc.hpp"

namespace livefair::room {

/// One WebSocket frame to many viewers, encoded once in one format. The lesser forms are what remains for a viewer who reads too slowly.
struct Frame {
    SharedBytes all;
    SharedBytes without_chat;  ///< Droppable events left out. Null: nothing remains. Equal to `all` when it has none.
    SharedBytes must_only;     ///< Latest values left out too. Null: nothing remains.
    unsigned events = 0;
    unsigned droppable_events = 0;
    unsigned latest_events = 0;
};
using SharedFrame = std::shared_ptr<const Frame>;

/// One viewer's send queue. Lives on the viewer's shard, owned by its session; not thread-safe.
/// Holds at most `bytes_max` bytes (the message being written is not counted). An overflow first drops the oldest chat until half is free,
/// then all latest values, which are sent anew once the queue is empty; when that is not enough, the viewer is too slow.
class Outbox {
public:
    /// `wake` is called when there is something to pop, and when the viewer has become too slow; it may pop and push at once.
    Outbox(std::size_t bytes_max, std::function<void()> wake);

    /// Queues a room's frame. O(1) amortised.
    /// Errors: Errc::viewer_too_slow - only must-deliver events remain; the queue is given up, the session closes with 3008.
    Result<> push(SharedFrame frame);
    /// Queues a frame to the viewer alone; never dropped. Errors: as push().
    Result<> push_answer(SharedBytes bytes);

    /// The next frame to write; null when there is none.
    SharedBytes pop();
    bool empty() const { return first_ == queue_.size(); }
    std::size_t bytes() const { return bytes_; }
    bool is_too_slow() const { return too_slow_; }
    /// True once after latest values were dropped: the owner then pushes the current ones. Ask when the queue is empty.
    bool take_latest_missing();

private:
    struct Item {
        SharedFrame frame;  ///< Null for an answer.
        SharedBytes bytes;  ///< The form to send.
    };
    Result<> push_item(Item item);
    void drop_chat();
    void drop_latest();
    void replace(Item& item, const SharedBytes& lesser);
    void remove_empty();
    void clear();

    std::size_t bytes_max_;
    std::function<void()> wake_;
    std::vector<Item> queue_;  ///< From first_ on. No deque: an empty one holds 576 bytes.
    std::size_t first_ = 0;
    std::size_t bytes_ = 0;
    bool latest_missing_ = false;
    bool too_slow_ = false;
};

}  // namespace livefair::room
