#include "sim/programs.hpp"

#include "base/clock.hpp"

namespace livefair::sim {

namespace {

constexpr std::chrono::milliseconds refund_period{400};

commerce::SandboxProvider::Options sandbox_options() {
    commerce::SandboxProvider::Options options;
    options.site_url = "http://127.0.0.1";
    options.secrets = {webhook_secret};
    return options;
}

}  // namespace

GatewayParts::GatewayParts(Process& owner, ledger::Ledger& ledger, commerce::SoldOutBook& sold_out)
    : process(owner),
      client(owner.executor(), {}),
      checkout(till, watch, ledger, sold_out, {}),
      sandbox(owner.executor(), ledger, system_clock(), sandbox_options()),
      payments(till, watch, ledger, system_clock(), sandbox, {}),
      sales(till, ledger),
      orders(client, ledger),
      subscriber(
          owner.executor(), {},
          [this](const std::string&, const std::string& payload) { watch.on_committed(the_show, payload); },
          [this](const std::string&) { net::spawn(process.executor(), resync(), "resync"); }) {
    client.start();
    subscriber.start();
    subscriber.subscribe(commerce::CommitWatch::channel(the_show));
}

net::Task<> GatewayParts::resync() {
    const auto newest = co_await till.committed(the_show);
    if (newest && !newest->empty()) watch.on_resynced(the_show, *newest);
}

LedgerParts::LedgerParts(Process& process, ledger::Ledger& ledger, ProviderBooks& books)
    : client(process.executor(), {}),
      projector(process.executor(), {}, ledger, {}),
      keeper(process.executor(), till, ledger, projector),
      sweeper(process.executor(), till, ledger, std::chrono::milliseconds(200)),
      sandbox(process.executor(), ledger, system_clock(), sandbox_options()),
      provider(sandbox, books),
      orders(client, ledger),
      refund_desk(process.executor(), till, ledger, orders, system_clock(), refund_period),
      refunds(process.executor(), ledger, system_clock(), provider, {refund_period, refund_period.count()}) {
    client.start();
    projector.start();
    keeper.start();
    sweeper.start();
}

void LedgerParts::start_refunds() {
    refund_desk.start();
    refunds.start();
}

}  // namespace livefair::sim
