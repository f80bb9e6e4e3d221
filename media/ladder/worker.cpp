#include "ladder/worker.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace livefair::ladder {
namespace {

constexpr int nice_level = 10;

std::vector<Worker::Item> to_items(std::vector<stream::Packet> packets) {
    return {std::make_move_iterator(packets.begin()), std::make_move_iterator(packets.end())};
}

}  // namespace

Worker::Worker(Rung rung, Deliver deliver) : rung_(std::move(rung)), deliver_(std::move(deliver)), thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool Worker::push(Item item) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= queue_packets_max) return false;
        queue_.push_back(std::move(item));
    }
    changed_.notify_one();
    return true;
}

void Worker::run() {
    // Linux gives each thread its own nice value. Where it may not be changed, the rung competes like everything else.
    static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), nice_level));
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        auto item = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        auto made = handle(std::move(item));
        const bool failed = !made;
        if (failed || !made->empty()) deliver_(std::move(made));
        if (failed) return;
    }
}

Result<std::vector<Worker::Item>> Worker::handle(Item item) {
    if (auto* begin = std::get_if<Begin>(&item)) {
        auto items = end_run();
        if (!items) return items;
        auto made = Transcoder::create(rung_, begin->tracks);
        if (!made) return made.error();
        transcoder_ = std::move(*made);
        items->push_back(Begin{transcoder_->tracks()});
        return items;
    }
    if (std::holds_alternative<End>(item)) {
        auto items = end_run();
        if (items) items->push_back(End{});
        return items;
    }
    auto& packet = std::get<stream::Packet>(item);
    if (packet.track == stream::Track::audio) {
        std::vector<Item> items;
        items.push_back(std::move(packet));
        return items;
    }
    if (!transcoder_) return std::vector<Item>();
    auto packets = transcoder_->push(packet);
    if (!packets) return packets.error();
    return to_items(std::move(*packets));
}

/// What the run's transcoder still holds.
Result<std::vector<Worker::Item>> Worker::end_run() {
    const auto transcoder = std::exchange(transcoder_, nullptr);
    if (!transcoder) return std::vector<Item>();
    auto packets = transcoder->finish();
    if (!packets) return packets.error();
    return to_items(std::move(*packets));
}

}  // namespace livefair::ladder
