// The product's parts that talk to the outside, as they are in a simulation: Redis' client and subscriber, the ledger's
// threads, and the kernel's random bytes. The linker takes these instead of those of the libraries; what calls them is the
// product's own code.
#include <deque>

#include "base/check.hpp"
#include "base/random.hpp"
#include "ledger/ledger.hpp"
#include "redis/subscriber.hpp"
#include "sim/ledger_model.hpp"
#include "sim/simulation.hpp"

namespace livefair {

std::string random_hex(std::size_t byte_count) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < 2 * byte_count; ++i) text += digits[sim::World::current()->random.below(16)];
    return text;
}

namespace redis {

using sim::Process;
using sim::RedisServer;
using sim::SharedLink;

namespace {

/// Connects and connects again, to whom the sentinels name; common to clients and subscribers.
class Dialler : public sim::Follower, public std::enable_shared_from_this<Dialler> {
public:
    explicit Dialler(Process& owner) : process(owner), world(owner.world()), primaries_(sim::Simulation::current().stale_primary()) {
        server_ = &primaries_.first_server();
        primaries_.join(*this);
    }
    ~Dialler() override {
        primaries_.leave(*this);
        if (link) server_->cut(link, world.random.one_in(2));
    }

    void dial(std::int64_t after_ms) {
        world.after_us(after_ms * 1000 + world.random.between(100, 3000), [weak = weak_from_this(), number = ++dials_] {
            const auto self = weak.lock();
            if (!self || self->is_stopped || number != self->dials_) return false;
            self->try_once();
            return true;
        });
    }

    /// As the product does: nobody waits for the old server's answers, and new calls wait for the first try.
    void follow(RedisServer& server) override {
        if (&server == server_ || is_stopped) return;
        world.trace("a connection of " + process.name() + " is led from " + server_->run_id() + " to " + server.run_id());
        if (const auto old = std::exchange(link, nullptr)) {
            server_->cut(old, world.random.one_in(2));
            old->on_closed = {};
        }
        server_ = &server;
        lost();
        led();
        wait_ms_ = 50;
        dial(0);
    }

    Process& process;
    sim::World& world;
    SharedLink link;
    bool is_stopped = false;

protected:
    virtual void opened() = 0;
    virtual void failed() {}
    virtual void lost() = 0;
    virtual void led() {}

private:
    void try_once() {
        link = server_->connect(process.name(), [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self) return;
            self->link = nullptr;
            self->lost();
            if (!self->is_stopped) self->dial(self->world.random.between(25, 50));
        });
        if (link) return opened();
        failed();
        wait_ms_ = std::min<std::int64_t>(2 * wait_ms_, 2000);
        dial(world.random.between(wait_ms_ / 2, wait_ms_));
    }
    sim::StalePrimary& primaries_;
    std::int64_t wait_ms_ = 50;
    std::uint64_t dials_ = 0;
};

}  // namespace

class Client::Impl final : public Dialler {
public:
    using Answer = Result<Reply>;
    using Waiting = Process::Waiting<Answer>;

    Impl(Process& owner, Options options) : Dialler(owner), options_(std::move(options)) {}

    static net::Task<Answer> call(std::shared_ptr<Impl> self, Command command, std::chrono::milliseconds deadline) {
        const bool may_come = self->link || (self->is_started_ && !self->has_tried_);
        if (self->is_stopped || !may_come) co_return make_error_code(Errc::redis_unavailable);
        auto start = [self, command = std::move(command), deadline](Waiting waiting) mutable {
            self->begin(std::move(command), deadline, std::move(waiting));
        };
        Answer answer = co_await self->process.wait<Answer>(std::move(start));
        co_return answer;
    }

    void start() {
        is_started_ = true;
        dial(0);
    }

    std::string run_id;
    std::vector<std::function<void(const std::string&)>> handlers;
    const Options& options() const { return options_; }

private:
    struct Request {
        Command command;
        Waiting waiting;
    };

    void begin(Command command, std::chrono::milliseconds deadline, Waiting waiting) {
        world.after_us(deadline.count() * 1000, [weak = weak_from_this(), waiting] {
            const auto self = std::static_pointer_cast<Impl>(weak.lock());
            return self && self->overdue(waiting);
        });
        if (!link) {
            queue_.push_back({std::move(command), std::move(waiting)});
            return;
        }
        send(std::move(command), std::move(waiting));
    }

    void send(Command command, Waiting waiting) {
        in_flight_.push_back(waiting);
        server().send(link, std::move(command), [weak = weak_from_this(), waiting](Reply reply) {
            const auto self = std::static_pointer_cast<Impl>(weak.lock());
            if (self) self->take(waiting, std::move(reply));
        });
    }

    void take(const Waiting& waiting, Reply reply) {
        // Replies come in the order of the requests.
        if (!in_flight_.empty()) in_flight_.pop_front();
        sim::Simulation::current().on_reply(process, reply);
        process.complete<Answer>(waiting, std::move(reply));
    }

    /// Redis hangs, or the network does: the answer is unknown, and the connection is given up.
    bool overdue(const Waiting& waiting) {
        const bool was_queued = !link;
        if (!process.complete<Answer>(waiting, make_error_code(was_queued ? Errc::redis_unavailable : Errc::redis_unknown)))
            return false;
        if (link) server().cut(link, true);
        return true;
    }

    void opened() override {
        has_tried_ = true;
        run_id = server().run_id();
        for (auto& request : std::exchange(queue_, {})) send(std::move(request.command), std::move(request.waiting));
        net::asio::post(process.executor(), [weak = weak_from_this()] {
            const auto self = std::static_pointer_cast<Impl>(weak.lock());
            if (!self || !self->link) return;
            for (const auto& handler : std::vector(self->handlers)) handler(self->run_id);
        });
    }
    void failed() override {
        has_tried_ = true;
        refuse_queue();
    }
    void lost() override {
        run_id.clear();
        refuse_queue();
        for (const auto& waiting : std::exchange(in_flight_, {}))
            process.complete<Answer>(waiting, make_error_code(Errc::redis_unknown));
    }

    void led() override { has_tried_ = false; }
    void refuse_queue() {
        for (auto& request : std::exchange(queue_, {}))
            process.complete<Answer>(request.waiting, make_error_code(Errc::redis_unavailable));
    }

    Options options_;
    bool is_started_ = false;
    bool has_tried_ = false;
    std::deque<Waiting> in_flight_;
    std::deque<Request> queue_;
};

Client::Client(net::asio::any_io_executor executor, Options options)
    : impl_(std::make_shared<Impl>(Process::of(executor), std::move(options))) {}
Client::~Client() {
    impl_->is_stopped = true;
}
void Client::start() {
    impl_->start();
}
void Client::stop() {
    impl_->is_stopped = true;
}
net::Task<Result<Reply>> Client::call(Command command, std::chrono::milliseconds deadline) {
    return Impl::call(impl_, std::move(command), deadline);
}
net::Task<Result<Reply>> Client::command(Command command) {
    const auto impl = impl_;
    auto reply = co_await Impl::call(impl, std::move(command), impl->options().deadline);
    if (!reply || !reply->is_error()) co_return reply;
    impl->world.trace("Redis says " + reply->text);
    co_return make_error_code(Errc::redis_error);
}
bool Client::is_connected() const {
    return impl_->link != nullptr;
}
const std::string& Client::run_id(std::string_view) const {
    return impl_->run_id;
}
std::int64_t Client::failover() const {
    return impl_->server().failovers();
}
void Client::on_connected(std::function<void(const std::string& run_id)> handler) {
    impl_->handlers.push_back(std::move(handler));
}

class Subscriber::Impl final : public Dialler {
public:
    Impl(Process& owner, OnMessage on_message, OnSubscribed on_subscribed, OnLost on_lost)
        : Dialler(owner),
          on_message_(std::move(on_message)),
          on_subscribed_(std::move(on_subscribed)),
          on_lost_(std::move(on_lost)) {}

    void subscribe(const std::string& channel) {
        channels_.insert(channel);
        if (link) ask(channel);
    }
    void unsubscribe(const std::string& channel) {
        channels_.erase(channel);
        if (link) link->channels.erase(channel);
    }

private:
    void ask(const std::string& channel) {
        server().subscribe(link, channel, [weak = weak_from_this(), channel] {
            const auto self = std::static_pointer_cast<Impl>(weak.lock());
            if (self) net::asio::post(self->process.executor(), [self, channel] { self->on_subscribed_(channel); });
        });
    }
    void opened() override {
        link->on_message = [weak = weak_from_this()](const std::string& channel, const std::string& payload) {
            const auto self = std::static_pointer_cast<Impl>(weak.lock());
            if (self)
                net::asio::post(self->process.executor(), [self, channel, payload] { self->on_message_(channel, payload); });
        };
        for (const auto& channel : channels_) ask(channel);
    }
    void lost() override {
        if (!on_lost_) return;
        for (const auto& channel : channels_) on_lost_(channel);
    }

    OnMessage on_message_;
    OnSubscribed on_subscribed_;
    OnLost on_lost_;
    std::set<std::string> channels_;
};

Subscriber::Subscriber(net::asio::any_io_executor executor, Options, OnMessage on_message, OnSubscribed on_subscribed,
                       OnLost on_lost)
    : impl_(std::make_shared<Impl>(Process::of(executor), std::move(on_message), std::move(on_subscribed),
                                   std::move(on_lost))) {}
Subscriber::~Subscriber() {
    impl_->is_stopped = true;
}
void Subscriber::start() {
    impl_->dial(0);
}
void Subscriber::stop() {
    impl_->is_stopped = true;
}
void Subscriber::subscribe(const std::string& channel) {
    impl_->subscribe(channel);
}
void Subscriber::unsubscribe(const std::string& channel) {
    impl_->unsubscribe(channel);
}
bool Subscriber::is_connected() const {
    return impl_->link != nullptr;
}

}  // namespace redis

namespace ledger {

class Ledger::Impl {};

Ledger::Ledger(Options) {}
Ledger::~Ledger() = default;

net::Task<Result<>> Ledger::submit(Lane lane, Work work) {
    auto& process = sim::Process::of(co_await net::asio::this_coro::executor);
    auto start = [lane, work = std::move(work), &process](sim::Process::Waiting<Result<>> waiting) mutable {
        sim::LedgerModel::current()->submit(lane == Lane::write, std::move(work), process, std::move(waiting));
    };
    const Result<> result = co_await process.wait<Result<>>(std::move(start));
    co_return result;
}

Result<> Ledger::run_blocking(Work work) {
    return sim::LedgerModel::current()->run_now(work);
}

}  // namespace ledger

}  // namespace livefair
