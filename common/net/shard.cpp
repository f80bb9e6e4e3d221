#include "net/shard.hpp"

#include <pthread.h>

#include <algorithm>

namespace livefair::net {

Shard::Shard(unsigned index) : index_(index), work_(asio::make_work_guard(context_)) {}

bool Shard::is_current() const { return !thread_.joinable() || thread_.get_id() == std::this_thread::get_id(); }

Shards::Shards(unsigned count) {
    if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
    for (unsigned index = 0; index < count; ++index) shards_.push_back(std::make_unique<Shard>(index));
}

Shards::~Shards() { stop(); }

void Shards::start() {
    for (auto& shard : shards_) {
        shard->thread_ = std::thread([&context = shard->context_] { context.run(); });
        ::pthread_setname_np(shard->thread_.native_handle(), ("shard-" + std::to_string(shard->index_)).c_str());
    }
}

void Shards::stop() {
    for (auto& shard : shards_) shard->context_.stop();
    for (auto& shard : shards_)
        if (shard->thread_.joinable()) shard->thread_.join();
}

}  // namespace livefair::net
