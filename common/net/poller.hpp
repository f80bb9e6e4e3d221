#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>

#include "net/task.hpp"
#include "net/timer_wheel.hpp"

namespace livefair::net {

class SendBatch;

using WatchedHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>, boost::intrusive::tag<class Watched>>;

/// A descriptor's owner, told when it can be read or written.
class Watched : public WatchedHook {
public:
    /// Called for as long as it is so. Errors and hang-ups count as both.
    virtual void on_ready(bool readable, bool writable) = 0;
    /// The loop is being destroyed: the last call.
    virtual void on_shutdown() = 0;

protected:
    ~Watched() = default;
};

/// Readiness and timers of thousands of sockets in one loop, for no memory but their own hooks: an epoll inside the loop's, and a timer wheel.
/// Asio keeps some 300 bytes for a socket with a read that waits, and as much for each timer. Lives in the io_context, on its thread.
class Poller : public asio::execution_context::service {
public:
    static asio::execution_context::id id;
    explicit Poller(asio::execution_context& context);
    ~Poller() override;

    /// That of the loop behind `executor`; made at the first call. The context must be an io_context.
    static Poller& of(const asio::any_io_executor& executor);
    asio::any_io_executor executor() const;

    /// False: the system refuses.
    bool add(int descriptor, Watched& watched);
    void change(int descriptor, Watched& watched, bool reads, bool writes);
    /// Before the descriptor is closed.
    void remove(int descriptor, Watched& watched);

    /// TimerWheel::set(), and the loop keeps the time.
    void set_timer(Timed& timed, TimerWheel::Time due);
    void cancel_timer(Timed& timed);

    SendBatch& sends();

private:
    void shutdown() override;
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::net
