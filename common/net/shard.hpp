#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "net/task.hpp"

namespace livefair::net {

/// One thread with one io_context. What is made on a shard is used on that shard alone; other threads post() to it.
class Shard {
public:
    explicit Shard(unsigned index);
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    unsigned index() const { return index_; }
    asio::io_context& context() { return context_; }
    asio::any_io_executor executor() { return context_.get_executor(); }
    /// True on this shard's own thread (or before it has started).
    bool is_current() const;
    /// Runs `function` on the shard's thread, soon. Thread-safe.
    template <class F>
    void post(F&& function) {
        asio::post(context_, std::forward<F>(function));
    }

private:
    friend class Shards;
    unsigned index_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

/// All shards of a program. start() once; stop() ends the threads and joins them. Owned by App.
class Shards {
public:
    /// `count` 0: one per core.
    explicit Shards(unsigned count);
    ~Shards();
    void start();
    /// Stops every io_context and joins. Work that has not run by then is dropped.
    void stop();
    unsigned size() const { return static_cast<unsigned>(shards_.size()); }
    Shard& at(unsigned index) { return *shards_[index]; }

private:
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace livefair::net
