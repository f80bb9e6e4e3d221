#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "net/task.hpp"
#include "sim/random.hpp"

namespace livefair::sim {

class Process;

/// Virtual time and everything that happens at a moment of it, on one thread. What happens at one time happens in the
/// order it was planned; who plans it draws the delays, so that all orders occur. One at a time: see World::now().
class World {
public:
    /// Returns whether something happened: a deadline that nobody waits for any more is no step.
    using Act = std::function<bool()>;

    /// Some evenings begin right before midnight in UTC+8.
    World(std::uint64_t seed, bool is_traced);
    ~World();
    World(const World&) = delete;
    /// The world that runs; null outside of one.
    static World* current();

    Random random;
    std::int64_t now_us() const { return now_us_; }
    void after_us(std::int64_t delay_us, Act act);
    /// Lets the next thing happen: an act, or the timers of a process. Advances the time to it.
    void step();
    std::int64_t steps() const { return steps_; }

    void trace(const std::string& line) const;
    bool is_traced() const { return is_traced_; }
    /// The run has broken a rule: it ends, and this is why. The first one counts.
    void fail(const std::string& why);
    const std::string& failure() const { return failure_; }

private:
    friend class Process;
    struct Event {
        std::int64_t at_us;
        std::uint64_t number;
        Act act;
    };
    static bool is_later(const Event& a, const Event& b);
    void poll_all();
    std::int64_t next_timer_us() const;

    std::vector<Event> events_;  ///< A heap.
    std::vector<Process*> processes_;
    std::int64_t now_us_ = 0;
    std::uint64_t next_number_ = 0;
    std::int64_t steps_ = 0;
    bool is_traced_;
    std::string failure_;
};

/// One life of a program: its loop, and what it waits for from outside. When it ends, all its coroutines end where they
/// are, as kill -9 does; what they had sent goes on its way.
class Process {
public:
    Process(World& world, std::string name);
    ~Process();
    Process(const Process&) = delete;

    const std::string& name() const { return name_; }
    net::asio::any_io_executor executor() { return io_.get_executor(); }
    /// The process whose loop this is.
    static Process& of(const net::asio::any_io_executor& executor);
    /// Product objects that live as long as the process; they end after its coroutines.
    void keep(std::shared_ptr<void> part) { parts_.push_back(std::move(part)); }
    World& world() { return world_; }

    /// Something a coroutine waits for. Forgotten when the process dies.
    template <class T>
    struct Pending {
        std::function<void(T)> done;
    };
    template <class T>
    using Waiting = std::weak_ptr<Pending<T>>;

    /// Suspends until somebody calls complete() on what `start` was given.
    template <class T, class Start>
    net::Task<T> wait(Start start) {
        const auto executor = co_await net::asio::this_coro::executor;
        auto initiate = [this, executor](auto handler, Start begin) {
            auto holder = std::make_shared<decltype(handler)>(std::move(handler));
            auto pending = std::make_shared<Pending<T>>();
            pending->done = [holder, executor](T result) {
                net::asio::post(executor, [handler = std::move(*holder), result = std::move(result)]() mutable {
                    std::move(handler)(std::move(result));
                });
            };
            pending_.insert(pending);
            begin(Waiting<T>(pending));
        };
        T result = co_await net::asio::async_initiate<const net::asio::use_awaitable_t<>, void(T)>(
            std::move(initiate), net::asio::use_awaitable, std::move(start));
        co_return result;
    }
    /// False: nobody waits for it any more.
    template <class T>
    bool complete(const Waiting<T>& waiting, T result) {
        const auto pending = waiting.lock();
        if (!pending || !pending->done) return false;
        pending_.erase(pending);
        std::exchange(pending->done, {})(std::move(result));
        return true;
    }

private:
    friend class World;
    struct Loop : net::asio::io_context {
        explicit Loop(Process* owner) : net::asio::io_context(1), process(owner) {}
        /// Destroys what waits, while the objects that it refers to are still there.
        using net::asio::execution_context::shutdown;
        Process* process;
    };
    World& world_;
    std::string name_;
    Loop io_;
    std::vector<std::shared_ptr<void>> parts_;
    std::unordered_set<std::shared_ptr<void>> pending_;
};

}  // namespace livefair::sim
