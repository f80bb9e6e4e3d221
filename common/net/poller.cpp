#include "net/poller.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <span>
#include <system_error>

#include "net/send_batch.hpp"

namespace livefair::net {
namespace {

/// Handled in one turn of the loop; others have theirs before the next.
constexpr std::size_t events_per_turn = 256;

epoll_event event_of(Watched& watched, bool reads, bool writes) {
    epoll_event event{};
    event.events = (reads ? EPOLLIN : 0U) | (writes ? EPOLLOUT : 0U);
    event.data.ptr = &watched;
    return event;
}

int make_epoll() {
    const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return descriptor;
}

}  // namespace

asio::execution_context::id Poller::id;

class Poller::Impl {
public:
    explicit Impl(asio::io_context& context)
        : context_(context), epoll_(context, make_epoll()), wheel_(std::chrono::steady_clock::now()), timer_(context) {}

    asio::any_io_executor executor() const { return context_.get_executor(); }

    bool add(int descriptor, Watched& watched) {
        auto event = event_of(watched, true, false);
        if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0) return false;
        watched_.push_back(watched);
        if (!is_waiting_) wait();
        return true;
    }

    void change(int descriptor, Watched& watched, bool reads, bool writes) {
        auto event = event_of(watched, reads, writes);
        ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, descriptor, &event);
    }

    void remove(int descriptor, Watched& watched) {
        epoll_event ignored{};
        ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, descriptor, &ignored);
        watched.unlink();
        // It may have an event in the turn that is under way.
        for (auto& event : turn_)
            if (event.data.ptr == &watched) event.data.ptr = nullptr;
        if (watched_.empty()) epoll_.cancel();
    }

    void set_timer(Timed& timed, TimerWheel::Time due) {
        wheel_.set(timed, due);
        if (due < armed_for_) arm();
    }
    void cancel_timer(Timed& timed) { wheel_.cancel(timed); }

    SendBatch& sends() { return sends_; }

    void shutdown() {
        while (!watched_.empty()) {
            auto& watched = watched_.front();
            watched.unlink();
            watched.on_shutdown();
        }
    }

private:
    void wait() {
        is_waiting_ = true;
        epoll_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code) {
            is_waiting_ = false;
            take_turn();
            if (!watched_.empty() && !is_waiting_) wait();
        });
    }

    void take_turn() {
        std::array<epoll_event, events_per_turn> events;
        const int count = ::epoll_wait(epoll_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
        turn_ = std::span(events).first(static_cast<std::size_t>(std::max(count, 0)));
        while (!turn_.empty()) {
            const auto event = turn_.front();
            turn_ = turn_.subspan(1);
            const bool is_broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
            if (auto* watched = static_cast<Watched*>(event.data.ptr))
                watched->on_ready(is_broken || (event.events & EPOLLIN) != 0, is_broken || (event.events & EPOLLOUT) != 0);
        }
    }

    void arm() {
        const auto next = wheel_.next();
        armed_for_ = next.value_or(TimerWheel::Time::max());
        if (!next) {
            timer_.cancel();
            return;
        }
        timer_.expires_at(*next);
        timer_.async_wait([this](boost::system::error_code ec) {
            if (ec) return;
            armed_for_ = TimerWheel::Time::min();  // nobody else arms meanwhile
            wheel_.advance(std::chrono::steady_clock::now());
            arm();
        });
    }

    asio::io_context& context_;
    asio::posix::stream_descriptor epoll_;
    boost::intrusive::list<Watched, boost::intrusive::base_hook<WatchedHook>, boost::intrusive::constant_time_size<false>> watched_;
    std::span<epoll_event> turn_;  ///< Events of this turn that are still to be handled.
    bool is_waiting_ = false;
    SendBatch sends_;
    TimerWheel wheel_;
    asio::steady_timer timer_;
    TimerWheel::Time armed_for_ = TimerWheel::Time::max();
};

Poller::Poller(asio::execution_context& context) : service(context), impl_(std::make_unique<Impl>(static_cast<asio::io_context&>(context))) {}

Poller::~Poller() = default;

Poller& Poller::of(const asio::any_io_executor& executor) {
    return asio::use_service<Poller>(asio::query(executor, asio::execution::context));
}

asio::any_io_executor Poller::executor() const { return impl_->executor(); }
bool Poller::add(int descriptor, Watched& watched) { return impl_->add(descriptor, watched); }
void Poller::change(int descriptor, Watched& watched, bool reads, bool writes) { impl_->change(descriptor, watched, reads, writes); }
void Poller::remove(int descriptor, Watched& watched) { impl_->remove(descriptor, watched); }
void Poller::set_timer(Timed& timed, TimerWheel::Time due) { impl_->set_timer(timed, due); }
void Poller::cancel_timer(Timed& timed) { impl_->cancel_timer(timed); }
SendBatch& Poller::sends() { return impl_->sends(); }
void Poller::shutdown() { impl_->shutdown(); }

}  // namespace livefair::net
