#include "net/send_batch.hpp"

#include <liburing.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "base/check.hpp"
#include "base/log.hpp"
#include "net/poller.hpp"
#include "net/websocket_connection.hpp"

namespace livefair::net {
namespace {

constexpr unsigned sends_at_once = 256;
/// Of fewer than these the ring's own cost is more than it saves.
constexpr std::size_t sends_min = 8;

}  // namespace

/// One submission queue. Sends never wait for room (MSG_DONTWAIT), so the kernel has done them all when it returns.
class SendBatch::Ring {
public:
    static std::unique_ptr<Ring> make() {
        auto ring = std::make_unique<Ring>();
        if (const int error = ::io_uring_queue_init(sends_at_once, &ring->ring_, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN); error < 0) {
            log::info("io_uring_unavailable", {{"error", -error}});
            return nullptr;
        }
        ring->is_made_ = true;
        return ring;
    }
    Ring() = default;
    ~Ring() {
        if (is_made_) ::io_uring_queue_exit(&ring_);
    }
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    /// At most sends_at_once. False: the kernel has taken none of it, and the ring is of no use.
    bool send(std::span<const std::shared_ptr<WebSocketConnection>> connections) {
        unsigned count = 0;
        for (std::size_t i = 0; i < connections.size(); ++i) {
            const auto unsent = connections[i]->unsent();
            if (unsent.descriptor < 0) continue;
            auto* entry = ::io_uring_get_sqe(&ring_);
            LF_CHECK(entry != nullptr);
            ::io_uring_prep_send(entry, unsent.descriptor, unsent.bytes.data(), unsent.bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            ::io_uring_sqe_set_data64(entry, i);
            ++count;
        }
        int submitted = -EINTR;
        while (submitted == -EINTR) submitted = ::io_uring_submit_and_wait(&ring_, count);
        if (submitted < 0) return false;
        // Of what the kernel says nothing nobody knows how much has gone: such a connection ends.
        results_.assign(connections.size(), -EIO);
        unsigned head = 0, done = 0;
        io_uring_cqe* each = nullptr;
        io_uring_for_each_cqe(&ring_, head, each) {
            results_[each->user_data] = each->res;
            ++done;
        }
        ::io_uring_cq_advance(&ring_, done);
        // Only now: a connection that hears of it may do anything.
        for (std::size_t i = 0; i < connections.size(); ++i) connections[i]->on_sent(results_[i]);
        return true;
    }

private:
    io_uring ring_{};
    bool is_made_ = false;
    std::vector<int> results_;
};

SendBatch::Scope::Scope(Poller& poller) : batch_(poller.sends()) {
    LF_CHECK(!batch_.is_open_);
    batch_.is_open_ = true;
}

SendBatch::Scope::~Scope() {
    batch_.is_open_ = false;
    batch_.send_all();
}

SendBatch::SendBatch() = default;
SendBatch::~SendBatch() = default;

void SendBatch::send_all() {
    const auto waiting = std::exchange(waiting_, {});
    if (waiting.size() >= sends_min && !std::exchange(has_tried_, true)) ring_ = Ring::make();
    std::size_t sent = 0;
    while (ring_ && waiting.size() - sent >= sends_min) {
        const auto count = std::min<std::size_t>(waiting.size() - sent, sends_at_once);
        if (ring_->send(std::span(waiting).subspan(sent, count))) sent += count;
        else ring_.reset();
    }
    for (; sent < waiting.size(); ++sent) waiting[sent]->on_sent(-EAGAIN);
}

}  // namespace livefair::net
