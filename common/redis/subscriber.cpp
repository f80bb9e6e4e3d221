#include "redis/subscriber.hpp"

#include <map>

#include "redis/sentinels.hpp"
#include "redis/slot_map.hpp"
#include "redis/subscription.hpp"

namespace livefair::redis {

class Subscriber::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, Options options, OnMessage on_message, OnSubscribed on_subscribed, OnLost on_lost)
        : executor_(std::move(executor)),
          options_(std::move(options)),
          on_message_(std::move(on_message)),
          on_subscribed_(std::move(on_subscribed)),
          on_lost_(std::move(on_lost)) {}

    void start() {
        if (std::exchange(is_started_, true)) return;
        if (auto group = parse_sentinels(options_.host); group && options_.socket.empty()) {
            sentinels_ = std::make_shared<Sentinels>(executor_, std::move(*group), options_, [weak = weak_from_this()](const Address& primary) {
                if (const auto self = weak.lock()) self->follow(primary);
            });
            sentinels_->start();
            return;
        }
        if (options_.cluster_nodes.empty()) {
            for (auto& [channel, place] : channels_) move(channel, place, the_only_one());
            subscription_to(the_only_one());
            return;
        }
        map_ = std::make_shared<SlotMap>(executor_, options_, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->follow_map();
        });
        map_->start();
    }

    void stop() {
        is_stopped_ = true;
        if (map_) map_->stop();
        if (sentinels_) sentinels_->stop();
        for (const auto& [address, subscription] : subscriptions_) subscription->stop();
    }

    void subscribe(const std::string& channel) {
        const auto [found, is_new] = channels_.try_emplace(channel);
        if (is_new && is_started_) find_place(channel, found->second);
    }

    void unsubscribe(const std::string& channel) {
        const auto found = channels_.find(channel);
        if (found == channels_.end()) return;
        const auto subscription = subscriptions_.find(found->second.at);
        if (subscription != subscriptions_.end()) subscription->second->unsubscribe(channel);
        channels_.erase(found);
    }

    bool is_connected() const {
        for (const auto& [address, subscription] : subscriptions_)
            if (!subscription->is_connected()) return false;
        return !subscriptions_.empty();
    }

private:
    struct Place {
        Address at;  ///< The server; nowhere yet: an empty host.
        bool in_force = false;
    };

    Address the_only_one() const { return {options_.host, options_.port}; }

    void find_place(const std::string& channel, Place& place) {
        if (sentinels_) {
            if (!primary_.host.empty()) move(channel, place, primary_);
        } else if (!map_) {
            move(channel, place, the_only_one());
        } else if (const auto* address = map_->find(slot_of_key(channel))) {
            move(channel, place, *address);
        }
    }

    /// First there, then away from here: what both servers bring is known by its seq.
    void move(const std::string& channel, Place& place, const Address& to) {
        const auto from = std::exchange(place.at, to);
        subscription_to(to).subscribe(channel);
        const auto old = subscriptions_.find(from);
        if (from != to && old != subscriptions_.end()) old->second->unsubscribe(channel);
    }

    /// All channels are at the primary, and nobody else is listened to.
    void follow(const Address& primary) {
        primary_ = primary;
        subscription_to(primary_);
        for (auto& [channel, place] : channels_) move(channel, place, primary_);
        std::erase_if(subscriptions_, [&](const auto& each) {
            if (each.first == primary_) return false;
            each.second->stop();
            return true;
        });
    }

    void follow_map() {
        for (auto& [channel, place] : channels_) {
            const auto* address = map_->find(slot_of_key(channel));
            if (address && (*address != place.at || !place.in_force)) move(channel, place, *address);
        }
        const auto& primaries = map_->primaries();
        std::erase_if(subscriptions_, [&](const auto& each) {
            if (std::find(primaries.begin(), primaries.end(), each.first) != primaries.end()) return false;
            each.second->stop();
            return true;
        });
        for (const auto& [channel, place] : channels_)
            if (!place.in_force) map_->refresh_soon();
    }

    Subscription& subscription_to(const Address& address) {
        auto& subscription = subscriptions_[address];
        if (subscription) return *subscription;
        auto options = options_;
        options.host = address.host;
        options.port = address.port;
        Subscription::Handlers handlers;
        handlers.on_message = on_message_;
        handlers.on_subscribed = [weak = weak_from_this(), address](const std::string& channel) {
            if (const auto self = weak.lock()) self->subscribed(channel, address);
        };
        handlers.on_lost = [weak = weak_from_this(), address](const std::string& channel) {
            if (const auto self = weak.lock()) self->lost(channel, address);
        };
        handlers.on_misplaced = [map = map_, sentinels = sentinels_] {
            if (map) map->refresh_soon();
            if (sentinels) sentinels->refresh_soon();
        };
        subscription = std::make_shared<Subscription>(executor_, std::move(options), std::move(handlers));
        if (!is_stopped_) subscription->start();
        return *subscription;
    }

    void subscribed(const std::string& channel, const Address& at) {
        const auto found = channels_.find(channel);
        if (found == channels_.end() || found->second.at != at) return;
        found->second.in_force = true;
        on_subscribed_(channel);
    }

    void lost(const std::string& channel, const Address& at) {
        const auto found = channels_.find(channel);
        if (found == channels_.end() || found->second.at != at) return;
        found->second.in_force = false;
        if (on_lost_) on_lost_(channel);
    }

    net::asio::any_io_executor executor_;
    const Options options_;
    const OnMessage on_message_;
    const OnSubscribed on_subscribed_;
    const OnLost on_lost_;
    std::shared_ptr<SlotMap> map_;          ///< Of a cluster.
    std::shared_ptr<Sentinels> sentinels_;  ///< Where there are some.
    Address primary_;                       ///< By their word; no host: not known yet.
    std::map<Address, std::shared_ptr<Subscription>> subscriptions_;
    std::map<std::string, Place> channels_;
    bool is_started_ = false;
    bool is_stopped_ = false;
};

Subscriber::Subscriber(net::asio::any_io_executor executor, Options options, OnMessage on_message, OnSubscribed on_subscribed, OnLost on_lost)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), std::move(on_message), std::move(on_subscribed),
                                   std::move(on_lost))) {}

Subscriber::~Subscriber() { impl_->stop(); }

void Subscriber::start() { impl_->start(); }
void Subscriber::stop() { impl_->stop(); }
void Subscriber::subscribe(const std::string& channel) { impl_->subscribe(channel); }
void Subscriber::unsubscribe(const std::string& channel) { impl_->unsubscribe(channel); }
bool Subscriber::is_connected() const { return impl_->is_connected(); }

}  // namespace livefair::redis
