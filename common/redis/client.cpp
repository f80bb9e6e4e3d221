#include "redis/client.hpp"

#include <map>

#include "base/log.hpp"
#include "redis/codec.hpp"
#include "redis/link.hpp"
#include "redis/sentinels.hpp"
#include "redis/slot_map.hpp"

namespace livefair::redis {
namespace {

using Time = std::chrono::steady_clock::time_point;
using SharedLink = std::shared_ptr<Link>;

constexpr int redirects_max = 5;
/// After TRYAGAIN and its like.
constexpr std::chrono::milliseconds retry_pause{50};

Time now() { return std::chrono::steady_clock::now(); }

/// Somebody has emptied the server's functions: a new connection loads them.
bool is_without_functions(const Result<Reply>& reply) { return reply && reply->is_error() && reply->text == "ERR Function not found"; }

}  // namespace

class Client::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, Options options) : executor_(std::move(executor)), options_(std::move(options)) {}

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
            link_to({options_.host, options_.port});
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
        for (const auto& [address, link] : links_) link->stop();
    }

    /// Static, with the Impl as a parameter, so that the coroutine keeps it alive.
    static net::Task<Result<Reply>> call(std::shared_ptr<Impl> self, Command command, std::chrono::milliseconds deadline) {
        Link::Request request;
        append_command(request.bytes, command);
        request.is_read = is_read(command);
        if (self->is_stopped_ || !self->is_started_) co_return make_error_code(Errc::redis_unavailable);
        if (!self->map_ && !self->sentinels_) {
            const auto link = self->links_.begin()->second;
            auto reply = co_await Link::call(link, std::move(request), deadline);
            if (is_without_functions(reply)) link->reconnect();
            co_return reply;
        }
        const auto end = now() + deadline;
        if (self->map_) co_await SlotMap::wait_for_first(self->map_, end);
        else co_await Sentinels::wait_for_first(self->sentinels_, end);
        const auto slot = slot_of_command(command);
        auto link = self->link_for(slot);
        for (int redirects = 0; link && redirects <= redirects_max && now() < end; ++redirects) {
            auto reply = co_await Link::call(link, request, left_until(end));
            auto redirect = reply && reply->is_error() ? parse_redirect(reply->text) : std::nullopt;
            if (redirect && redirect->to.host.empty()) redirect->to.host = link->options().host;
            if (redirect && redirect->kind == Redirect::Kind::ask) {
                Link::Request asking = request;
                asking.bytes = asking_bytes + request.bytes;
                asking.replies = 2;
                reply = co_await Link::call(self->link_to(redirect->to), std::move(asking), left_until(end));
                redirect = reply && reply->is_error() ? parse_redirect(reply->text) : std::nullopt;
            }
            if (is_without_functions(reply)) link->reconnect();
            if (!redirect) co_return reply;
            if (redirect->kind == Redirect::Kind::moved) {
                self->map_->moved(redirect->slot, redirect->to);
                link = self->link_to(redirect->to);
            } else {
                self->refused_by(*link, reply->text);
                co_await net::sleep_for(retry_pause);
                link = self->link_for(slot);
            }
        }
        // Nobody has carried it out.
        co_return make_error_code(Errc::redis_unavailable);
    }

    bool is_connected() const {
        if (links_.empty() || (map_ && !map_->is_complete())) return false;
        for (const auto& [address, link] : links_)
            if (!link->is_connected()) return false;
        return true;
    }

    const std::string& run_id(std::string_view key) const {
        static const std::string none;
        const auto link = link_for(slot_of_key(key));
        return link ? link->run_id() : none;
    }

    std::int64_t failover() const { return sentinels_ ? sentinels_->epoch() : 0; }

    void on_connected(std::function<void(const std::string&)> handler) { handlers_.push_back(std::move(handler)); }
    const Options& options() const { return options_; }

private:
    static inline const std::string asking_bytes = "*1\r\n$6\r\nASKING\r\n";

    static std::chrono::milliseconds left_until(Time end) {
        return std::max(std::chrono::milliseconds(1), std::chrono::duration_cast<std::chrono::milliseconds>(end - now()));
    }

    /// The server has done nothing: it, or who knows it, is asked for the reason.
    void refused_by(Link& link, std::string_view error) {
        if (map_) map_->refresh_soon();
        if (!sentinels_ || error.starts_with("NOREPLICAS") || error.starts_with("LOADING")) return;
        link.reconnect();
        sentinels_->refresh_soon();
    }

    /// Null: nobody has the slot, as far as is known.
    SharedLink link_for(std::optional<std::uint16_t> slot) const {
        if (!slot || !map_) return links_.empty() ? nullptr : links_.begin()->second;
        const auto* address = map_->find(*slot);
        const auto found = address ? links_.find(*address) : links_.end();
        return found == links_.end() ? nullptr : found->second;
    }

    SharedLink link_to(const Address& address) {
        auto& link = links_[address];
        if (link) return link;
        auto options = options_;
        options.host = address.host;
        options.port = address.port;
        link = std::make_shared<Link>(executor_, std::move(options));
        link->must_be_primary = sentinels_ != nullptr;
        link->on_connected = [weak = weak_from_this()](const std::string& run_id) {
            if (const auto self = weak.lock()) self->connected(run_id);
        };
        link->on_lost = [map = map_, sentinels = sentinels_] {
            if (map) map->refresh_soon();
            if (sentinels) sentinels->refresh_soon();
        };
        if (is_stopped_) link->stop();
        else link->start();
        return link;
    }

    /// The one link is to the primary; what is under way at another server is unknown from now on.
    void follow(const Address& primary) {
        for (const auto& [address, link] : links_) link->stop();
        links_.clear();
        link_to(primary);
    }

    /// A link to each primary, and to nobody else.
    void follow_map() {
        const auto& primaries = map_->primaries();
        for (const auto& primary : primaries) link_to(primary);
        std::erase_if(links_, [&](const auto& each) {
            if (std::find(primaries.begin(), primaries.end(), each.first) != primaries.end()) return false;
            each.second->retire();
            return true;
        });
        // A primary that can't be reached may have a successor soon.
        for (const auto& [address, link] : links_)
            if (!link->is_connected()) map_->refresh_soon();
    }

    void connected(const std::string& run_id) {
        // A copy: a handler may add another, or end up in stop().
        const auto handlers = handlers_;
        for (const auto& handler : handlers) handler(run_id);
    }

    net::asio::any_io_executor executor_;
    const Options options_;
    std::shared_ptr<SlotMap> map_;          ///< Of a cluster.
    std::shared_ptr<Sentinels> sentinels_;  ///< Where there are some.
    std::map<Address, SharedLink> links_;
    std::vector<std::function<void(const std::string&)>> handlers_;
    bool is_started_ = false;
    bool is_stopped_ = false;
};

Client::Client(net::asio::any_io_executor executor, Options options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options))) {}

Client::~Client() { impl_->stop(); }

void Client::start() { impl_->start(); }

void Client::stop() { impl_->stop(); }

net::Task<Result<Reply>> Client::call(Command command, std::chrono::milliseconds deadline) {
    return Impl::call(impl_, std::move(command), deadline);
}

net::Task<Result<Reply>> Client::command(Command command) {
    const auto name = command.empty() ? std::string() : command.front();
    const auto impl = impl_;
    auto reply = co_await Impl::call(impl, std::move(command), impl->options().deadline);
    if (!reply || !reply->is_error()) co_return reply;
    log::error("redis_error", {{"command", name}, {"why", reply->text}});
    co_return make_error_code(Errc::redis_error);
}

bool Client::is_connected() const { return impl_->is_connected(); }

const std::string& Client::run_id(std::string_view key) const { return impl_->run_id(key); }

std::int64_t Client::failover() const { return impl_->failover(); }

void Client::on_connected(std::function<void(const std::string& run_id)> handler) { impl_->on_connected(std::move(handler)); }

}  // namespace livefair::redis
