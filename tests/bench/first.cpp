#include "bench/first.hpp"

#include <livefair/v1/socket.pb.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <vector>

#include "base/random.hpp"
#include "bench/buyer.hpp"

namespace livefair::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int people = 20;
constexpr int samples = 100;

double percentile_ms(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

std::string summary(const char* name, const std::vector<double>& values) {
    char text[160];
    std::snprintf(text, sizeof text, "\"%s\":{\"n\":%zu,\"p50_ms\":%.1f,\"p99_ms\":%.1f}", name, values.size(),
                  percentile_ms(values, 0.5), percentile_ms(values, 0.99));
    return text;
}

/// Waits for one chat text among all that a guest hears.
class Ear {
public:
    void listen_for(std::string text) {
        wanted_ = std::move(text);
        heard_.reset();
    }
    void hear(const v1::ServerMessage& message) {
        if (!message.has_events()) return;
        for (const auto& event : message.events().events())
            if (event.event().has_chat() && event.event().chat().text() == wanted_) heard_ = Clock::now();
    }
    std::optional<Clock::time_point> heard() const { return heard_; }

private:
    std::string wanted_;
    std::optional<Clock::time_point> heard_;
};

v1::ClientMessage joining(const std::string& room) {
    v1::ClientMessage message;
    message.mutable_join()->set_room_id(room);
    return message;
}

double ms_since(Clock::time_point start, Clock::time_point end) {
    return std::chrono::duration<double, std::milli>(end - start).count();
}

using Buyers = std::vector<std::unique_ptr<Buyer>>;

/// The speakers take turns, so that nobody meets the limit on chat lines.
net::Task<Result<std::vector<double>>> measure_chat(Buyers& buyers, std::string url, std::string room) {
    Ear ear;
    Socket::Listener listen = [&ear](const v1::ServerMessage& message) { ear.hear(message); };
    auto guest = co_await Socket::connect(url, "", std::move(listen));
    if (!guest) co_return guest.error();
    const auto joined = co_await (*guest)->request(joining(room));
    if (!joined) co_return joined.error();
    std::vector<double> latencies;
    for (int i = 0; i < samples; ++i) {
        const std::string text = "测时 " + random_hex(6);
        ear.listen_for(text);
        v1::ClientMessage message;
        message.mutable_say()->set_room_id(room);
        message.mutable_say()->set_text(text);
        const auto start = Clock::now();
        const auto sent = buyers[static_cast<std::size_t>(i % people)]->socket()->send(message);
        if (!sent) co_return sent.error();
        while (!ear.heard() && ms_since(start, Clock::now()) < 5000) co_await net::sleep_for(std::chrono::milliseconds(1));
        if (!ear.heard()) co_return make_error_code(Errc::timed_out);
        latencies.push_back(ms_since(start, *ear.heard()));
        // Not in step with the room's tick.
        co_await net::sleep_for(std::chrono::milliseconds(97 + i % 50));
    }
    co_return latencies;
}

net::Task<Result<std::vector<double>>> measure_orders(Buyers& buyers, std::string show, std::string offer) {
    std::vector<double> latencies;
    for (int i = 0; i < samples; ++i) {
        Buyer& buyer = *buyers[static_cast<std::size_t>(i % people)];
        v1::PlaceOrder order = buyer.make_order(show, offer);
        v1::ClientMessage cancel;
        cancel.mutable_cancel_order()->set_show_id(show);
        cancel.mutable_cancel_order()->set_order_id(order.order_id());
        const auto start = Clock::now();
        const auto answer = co_await buyer.place_once(std::move(order));
        if (!answer) co_return answer.error();
        if (answer->outcome() != v1::OUTCOME_ACCEPTED) co_return make_error_code(Errc::conflict);
        latencies.push_back(ms_since(start, Clock::now()));
        const auto cancelled = co_await buyer.socket()->request(std::move(cancel));
        if (!cancelled) co_return cancelled.error();
    }
    co_return latencies;
}

}  // namespace

net::Task<Result<>> measure_first(std::string url, std::string room) {
    Buyers buyers;
    const std::uint64_t first_phone = std::random_device{}();
    std::string show, offer;
    for (int i = 0; i < people; ++i) {
        auto buyer = co_await Buyer::sign_in(url, invented_phone(first_phone + static_cast<std::uint64_t>(i)), "测时员");
        if (!buyer) co_return buyer.error();
        const auto connected = co_await (*buyer)->connect();
        if (!connected) co_return connected.error();
        auto snapshot = co_await (*buyer)->socket()->request(joining(room));
        if (!snapshot) co_return snapshot.error();
        show = snapshot->snapshot().show().id();
        for (const auto& on_shelf : snapshot->snapshot().show().offers())
            if (on_shelf.state() == v1::OFFER_STATE_OPEN && on_shelf.kind() == v1::OFFER_KIND_NORMAL && on_shelf.left() > samples) offer = on_shelf.id();
        buyers.push_back(std::move(*buyer));
    }
    if (offer.empty()) co_return make_error_code(Errc::not_found);
    const auto chat = co_await measure_chat(buyers, url, room);
    if (!chat) co_return chat.error();
    const auto orders = co_await measure_orders(buyers, show, offer);
    if (!orders) co_return orders.error();
    std::printf("{%s,%s}\n", summary("chat", *chat).c_str(), summary("order", *orders).c_str());
    co_return Result<>();
}

}  // namespace livefair::bench
