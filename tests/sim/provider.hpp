#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "commerce/payment_provider.hpp"
#include "commerce/sandbox_provider.hpp"
#include "sim/world.hpp"

namespace livefair::ledger {
class Database;
}

namespace livefair::sim {

/// What the provider has of refunds. Outlives all programs. Asked again with the same id it gives nothing twice; it does at once, later or
/// never what it is asked for.
class ProviderBooks {
public:
    /// `paid_fen`: what a payment brought, by who paid it.
    using PaidFen = std::function<std::int64_t(const std::string& payment)>;
    ProviderBooks(World& world, PaidFen paid_fen) : world_(world), paid_fen_(std::move(paid_fen)) {}

    Result<commerce::RefundFact> refund(const std::string& id, const std::string& payment, std::int64_t amount_fen);
    Result<commerce::RefundFact> find(const std::string& id) const;
    /// For the end: what was given back is what the ledger has as given back.
    void check(ledger::Database& database) const;
    World& world() { return world_; }
    /// From now on no request and no answer is lost.
    void repair() { is_repaired_ = true; }
    bool is_repaired() const { return is_repaired_; }

private:
    enum class Habit { gives, never, refuses };
    struct Refund {
        std::string payment;
        std::int64_t amount_fen = 0;
        Habit habit = Habit::gives;
        std::int64_t settled_us = 0;
    };
    World& world_;
    PaidFen paid_fen_;
    std::map<std::string, Habit> habits_;  ///< By payment: an account that is closed stays closed.
    std::map<std::string, Refund> refunds_;
    bool is_repaired_ = false;
};

/// The provider as a program reaches it: the product's sandbox, but for refunds. Those are asked of ProviderBooks over a network that loses
/// requests and answers.
class RemoteProvider final : public commerce::PaymentProvider {
public:
    RemoteProvider(commerce::SandboxProvider& sandbox, ProviderBooks& books) : sandbox_(sandbox), books_(books) {}

    std::string_view name() const override { return sandbox_.name(); }
    net::Task<Result<std::string>> create(commerce::PaymentAsk ask) override { return sandbox_.create(std::move(ask)); }
    net::Task<Result<commerce::PaymentFact>> query(PaymentId payment) override { return sandbox_.query(std::move(payment)); }
    net::Task<Result<>> close(PaymentId payment) override { return sandbox_.close(std::move(payment)); }
    net::Task<Result<commerce::RefundFact>> refund(std::string id, PaymentId payment, std::int64_t amount_fen, std::int64_t total_fen,
                                                   std::string reason) override;
    net::Task<Result<commerce::RefundFact>> query_refund(std::string id, PaymentId payment) override;
    commerce::NotifyVerdict parse_notify(const commerce::PayHeaders& headers, const std::string& body, std::int64_t now_s) const override {
        return sandbox_.parse_notify(headers, body, now_s);
    }
    commerce::ProviderAnswer ack(int status) const override { return sandbox_.ack(status); }
    net::Task<Result<std::vector<commerce::PaymentFact>>> statement(std::int64_t day, PaymentId after) override {
        return sandbox_.statement(day, std::move(after));
    }

private:
    using Answer = Result<commerce::RefundFact>;
    net::Task<Answer> ask(std::function<Answer()> act);

    commerce::SandboxProvider& sandbox_;
    ProviderBooks& books_;
};

}  // namespace livefair::sim
