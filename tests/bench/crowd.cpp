#include "bench/crowd.hpp"

#include <livefair/v1/socket.pb.h>

#include <array>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <random>

#include "base/log.hpp"
#include "bench/buyer.hpp"

namespace livefair::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<const char*, 12> chat_texts = {
    "主播好！", "这个看着不错", "给家乡打个招呼", "包邮吗？", "几天能到？", "已下单，支持！", "甜不甜？",
    "上次买过，回购", "产地在哪里？", "手慢了吗", "姐姐加油", "拍了两份送人",
};
constexpr std::array<const char*, 8> nicknames = {"小满", "山里人", "老陈", "果果妈", "阿岚", "石榴", "晓风", "李大叔"};

/// What all viewers share: the options, dice and the report. Owned by run_crowd(), which outlives them.
struct Crowd {
    explicit Crowd(CrowdOptions crowd_options) : options(std::move(crowd_options)) {}

    CrowdOptions options;
    CrowdReport report;
    std::mt19937_64 dice{std::random_device{}()};
    Clock::time_point end = Clock::time_point::max();
    std::int64_t present = 0;

    bool chance(double probability) { return std::bernoulli_distribution(probability)(dice); }
    std::chrono::milliseconds about(std::chrono::milliseconds mean) {
        const auto drawn = std::exponential_distribution<>(1.0)(dice) * static_cast<double>(mean.count());
        return std::chrono::milliseconds(static_cast<std::int64_t>(drawn) + 1);
    }
    template <class Texts>
    std::string any_of(const Texts& texts) {
        return texts[std::uniform_int_distribution<std::size_t>(0, texts.size() - 1)(dice)];
    }
    bool is_over() const { return Clock::now() >= end; }
};

/// One person in the room.
class Viewer {
public:
    explicit Viewer(Crowd& crowd) : crowd_(crowd), leaves_(std::min(crowd.end, Clock::now() + crowd.about(crowd.options.stay))) {}

    /// From coming in to leaving.
    net::Task<> run() {
        const bool came = co_await come_in();
        if (!came) {
            co_await net::sleep_for(std::chrono::seconds(1));
            co_return;
        }
        ++crowd_.report.joined;
        while (Clock::now() < leaves_ && socket_->is_open()) {
            co_await net::sleep_for(crowd_.about(std::chrono::seconds(8)));
            if (buyer_) co_await act_as_buyer();
            else like();
        }
        if (!socket_->is_open()) ++crowd_.report.lost;
    }

private:
    net::Task<bool> come_in() {
        Socket::Listener listener = [this](const v1::ServerMessage& message) { hear(message); };
        if (crowd_.chance(0.4)) {
            auto buyer = co_await Buyer::sign_in(crowd_.options.url, invented_phone(crowd_.dice()), crowd_.any_of(nicknames));
            if (!buyer) co_return false;
            buyer_ = std::move(*buyer);
            const auto connected = co_await buyer_->connect(std::move(listener));
            if (!connected) co_return false;
            socket_ = buyer_->socket();
        } else {
            auto socket = co_await Socket::connect(crowd_.options.url, "", std::move(listener));
            if (!socket) co_return false;
            socket_ = std::move(*socket);
        }
        v1::ClientMessage join;
        join.mutable_join()->set_room_id(crowd_.options.room);
        const auto snapshot = co_await socket_->request(std::move(join));
        if (!snapshot) co_return false;
        show_ = snapshot->snapshot().show().id();
        wanted_ = snapshot->snapshot().pin().offer_id();
        co_return true;
    }

    void hear(const v1::ServerMessage& message) {
        if (!message.has_events()) return;
        for (const auto& sequenced : message.events().events()) {
            ++crowd_.report.events;
            const auto& event = sequenced.event();
            if (event.has_pin()) wanted_ = event.pin().offer_id();
            if (event.has_offer() && event.offer().offer().kind() == v1::OFFER_KIND_FLASH) flash(event.offer().offer());
        }
    }
    void flash(const v1::Offer& offer) {
        if (offer.state() == v1::OFFER_STATE_OPEN) flash_ = offer.id();
        else flash_.clear();
    }

    void like() {
        v1::ClientMessage message;
        message.mutable_like()->set_room_id(crowd_.options.room);
        message.mutable_like()->set_count(1);
        if (socket_->send(message)) ++crowd_.report.likes;
    }

    net::Task<> act_as_buyer() {
        if (!flash_.empty()) co_await buy(std::exchange(flash_, {}));
        else if (crowd_.chance(0.35)) co_await say();
        else if (!wanted_.empty() && crowd_.chance(0.3)) co_await buy(wanted_);
        else like();
    }

    net::Task<> say() {
        v1::ClientMessage message;
        message.mutable_say()->set_room_id(crowd_.options.room);
        message.mutable_say()->set_text(crowd_.any_of(chat_texts));
        const auto said = co_await socket_->request(std::move(message));
        if (said) ++crowd_.report.chat_lines;
    }

    net::Task<> buy(std::string offer) {
        v1::PlaceOrder order = buyer_->make_order(show_, std::move(offer));
        const std::string id = order.order_id();
        const auto answer = co_await buyer_->place_until_final(std::move(order), std::chrono::seconds(60));
        if (!answer) ++crowd_.report.unknown;
        else if (answer->outcome() != v1::OUTCOME_ACCEPTED) ++crowd_.report.rejected;
        if (!answer || answer->outcome() != v1::OUTCOME_ACCEPTED) co_return;
        ++crowd_.report.accepted;
        if (!crowd_.chance(0.85)) co_return;  // left in the basket: the hold runs out
        co_await net::sleep_for(crowd_.about(std::chrono::seconds(4)));
        const auto paid = co_await buyer_->api().pay(id);
        if (paid) ++crowd_.report.paid;
    }

    Crowd& crowd_;
    Clock::time_point leaves_;
    std::unique_ptr<Buyer> buyer_;
    std::shared_ptr<Socket> socket_;
    std::string show_, wanted_, flash_;
};

/// One seat: when a viewer leaves it, another takes it.
net::Task<> fill_seat(Crowd& crowd) {
    ++crowd.present;
    co_await net::sleep_for(crowd.about(std::chrono::seconds(3)));
    while (!crowd.is_over()) {
        Viewer viewer(crowd);
        co_await viewer.run();
    }
    --crowd.present;
}

}  // namespace

net::Task<CrowdReport> run_crowd(CrowdOptions options) {
    const auto executor = co_await net::asio::this_coro::executor;
    Crowd crowd(std::move(options));
    if (crowd.options.duration.count() > 0) crowd.end = Clock::now() + crowd.options.duration;
    for (std::int64_t seat = 0; seat < crowd.options.viewers; ++seat) net::spawn(executor, fill_seat(crowd), "viewer");
    auto next_line = Clock::now() + std::chrono::minutes(1);
    do {
        co_await net::sleep_for(std::chrono::milliseconds(200));
        if (Clock::now() < next_line) continue;
        next_line += std::chrono::minutes(1);
        log::info("crowd", {{"joined", crowd.report.joined}, {"chat_lines", crowd.report.chat_lines},
                            {"accepted", crowd.report.accepted}, {"paid", crowd.report.paid}, {"lost", crowd.report.lost}});
    } while (crowd.present > 0);
    co_return crowd.report;
}

}  // namespace livefair::bench
