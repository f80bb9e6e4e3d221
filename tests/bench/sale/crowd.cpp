#include "bench/sale/crowd.hpp"

#include <livefair/v1/socket.pb.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "base/random.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t id_chars = 24;

}  // namespace

Crowd::Crowd(Market& market, std::string sale, std::size_t buyers)
    : market_(market), audience_([this](std::size_t buyer, std::string_view bytes, Time at) { take(buyer, bytes, at); }), buyers_(buyers) {
    const std::string id(id_chars, '0');
    const auto prefix = random_hex(6);
    for (std::size_t i = 0; i < buyers; ++i) {
        auto& buyer = buyers_[i];
        buyer.message = market_.order(sale, i, id);
        buyer.id_at = buyer.message.find(id);
        // As long as the page's, and like those each beside the one before; fresh in every run.
        std::copy(prefix.begin(), prefix.end(), buyer.message.begin() + static_cast<std::ptrdiff_t>(buyer.id_at));
        audience_.enter(market_.door(i));
        free_.push_back(i);
    }
}

void Crowd::begin() {
    counts_ = {};
    ms_.values.clear();
}

void Crowd::order_next(Time asked) {
    const auto index = free_.front();
    free_.pop_front();
    auto& buyer = buyers_[index];
    char number[13];
    std::snprintf(number, sizeof number, "%012lx", static_cast<unsigned long>(++next_id_));
    std::copy(number, number + 12, buyer.message.begin() + static_cast<std::ptrdiff_t>(buyer.id_at + id_chars - 12));
    buyer.asked = asked;
    buyer.waits = true;
    ++waiting_;
    audience_.send(index, buyer.message);
}

void Crowd::take(std::size_t index, std::string_view bytes, Time at) {
    static thread_local v1::ServerMessage message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) throw std::runtime_error("a buyer got no ServerMessage");
    if (message.has_failure()) throw std::runtime_error("a buyer was refused: " + message.failure().message_en());
    auto& buyer = buyers_[index];
    if (!message.has_order_answer() || !buyer.waits) return;
    const auto& answer = message.order_answer();
    if (answer.outcome() == v1::OUTCOME_UNKNOWN) {
        ++counts_.unknown;
        return audience_.send(index, buyer.message);
    }
    if (answer.outcome() == v1::OUTCOME_ACCEPTED) {
        ++counts_.accepted;
        last_accepted_ = at;
    } else if (answer.reason() == v1::REJECT_REASON_SOLD_OUT) {
        ++counts_.sold_out;
    } else {
        ++counts_.rejected;
    }
    ms_.values.push_back(std::chrono::duration<double, std::milli>(at - buyer.asked).count());
    buyer.waits = false;
    --waiting_;
    free_.push_back(index);
    if (again_) order_next(Clock::now());
}

void Crowd::rush(std::size_t at_once, const std::function<bool()>& is_over) {
    again_ = true;
    while (waiting_ < at_once) order_next(Clock::now());
    while (!is_over()) audience_.turn(10ms);
    drain();
}

void Crowd::pace(double per_second, std::chrono::milliseconds time) {
    const auto step = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second));
    auto next = Clock::now();
    for (const auto end = next + time; next < end;) {
        for (; next <= Clock::now() && next < end && !free_.empty(); next += step) order_next(next);
        audience_.turn(1ms);
    }
    drain();
}

void Crowd::drain() {
    again_ = false;
    const auto deadline = Clock::now() + 20s;
    while (waiting_ > 0) {
        if (Clock::now() > deadline) throw std::runtime_error(std::to_string(waiting_) + " orders have no answer");
        audience_.turn(10ms);
    }
}

}  // namespace livefair::bench
