#pragma once

#include <memory>

#include "commerce/checkout.hpp"
#include "commerce/hold_sweeper.hpp"
#include "commerce/order_desk.hpp"
#include "commerce/payments.hpp"
#include "commerce/reconcile.hpp"
#include "commerce/refund_desk.hpp"
#include "commerce/refunds.hpp"
#include "commerce/sales.hpp"
#include "commerce/sandbox_provider.hpp"
#include "commerce/till_keeper.hpp"
#include "ledger/projector.hpp"
#include "redis/subscriber.hpp"
#include "sim/provider.hpp"
#include "sim/world.hpp"

/// The product's programs as a simulation runs them: the same parts as in the server, put together in the same way.
namespace livefair::sim {

inline constexpr const char* webhook_secret = "0123456789abcdef0123456789abcdef";
inline const ShowId the_show{"show1"};

/// What one gateway shard has of commerce.
struct GatewayParts {
    GatewayParts(Process& process, ledger::Ledger& ledger, commerce::SoldOutBook& sold_out);
    net::Task<> resync();

    Process& process;
    redis::Client client;
    commerce::Till till{client};
    commerce::CommitWatch watch;
    commerce::Checkout checkout;
    commerce::SandboxProvider sandbox;  ///< The crowd sends its webhooks.
    commerce::Payments payments;
    commerce::Sales sales;
    commerce::OrderDesk orders;
    redis::Subscriber subscriber;
};

/// What the process with the ledger role has besides.
struct LedgerParts {
    LedgerParts(Process& process, ledger::Ledger& ledger, ProviderBooks& books);
    void start_refunds();

    redis::Client client;
    commerce::Till till{client};
    ledger::Projector projector;
    commerce::TillKeeper keeper;
    commerce::HoldSweeper sweeper;
    commerce::SandboxProvider sandbox;
    RemoteProvider provider;
    commerce::OrderDesk orders;
    commerce::RefundDesk refund_desk;
    commerce::Refunds refunds;
};

/// A program that can die and come back.
template <class Parts>
struct Program {
    std::unique_ptr<Process> process;
    Parts* parts = nullptr;

    template <class... Others>
    void start(World& world, const std::string& name, Others&... others) {
        process = std::make_unique<Process>(world, name);
        auto made = std::make_shared<Parts>(*process, others...);
        parts = made.get();
        process->keep(std::move(made));
    }
    void kill() {
        process.reset();
        parts = nullptr;
    }
    bool is_up() const { return process != nullptr; }
};

}  // namespace livefair::sim
