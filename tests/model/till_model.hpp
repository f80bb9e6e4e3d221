#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "commerce/till.hpp"
#include "ledger/orders.hpp"

namespace livefair::test {

/// What a till must do, in plain C++ maps: no Redis, no clock, no order of writes. The model test runs it beside the
/// real one.
class TillModel {
public:
    struct Offer {
        std::int64_t price_fen = 0;
        std::int64_t limit = 0;
        bool is_short = false;  ///< Its holds end at once.
        bool is_open = false;
        bool is_draft = true;
        std::vector<std::pair<std::string, std::int64_t>> lines;
    };
    struct Order {
        std::string buyer, offer;
        std::int64_t quantity = 0;
        std::int64_t amount_fen = 0;
        ledger::OrderState state = ledger::OrderState::reserved;
        std::set<std::string> payments;
        std::string paid_by;
        std::int64_t refund_due_fen = 0;
    };

    std::map<std::string, std::int64_t> total;
    std::map<std::string, std::int64_t> left;
    std::map<std::string, Offer> offers;
    std::map<std::string, Order> orders;
    /// Ids that were refused stay so, until Redis is lost.
    std::map<std::string, std::pair<Order, commerce::Refusal>> refused;

    /// The refusal of a purchase; none when it is accepted (and then done).
    commerce::Refusal place(const std::string& id, const std::string& buyer, const std::string& offer_id,
                            std::int64_t quantity) {
        using commerce::Refusal;
        if (const auto known = orders.find(id); known != orders.end()) {
            return is_same(known->second, buyer, offer_id, quantity) ? Refusal::none : Refusal::conflict;
        }
        if (const auto known = refused.find(id); known != refused.end()) {
            return is_same(known->second.first, buyer, offer_id, quantity) ? known->second.second : Refusal::conflict;
        }
        const Order order{buyer, offer_id, quantity, 0, ledger::OrderState::reserved, {}, {}, 0};
        const auto refusal = decide(id, order);
        if (refusal != Refusal::none) refused[id] = {order, refusal};
        return refusal;
    }

    commerce::Release::Kind release(const std::string& id, const std::string& buyer, ledger::OrderState state) {
        using Kind = commerce::Release::Kind;
        const auto found = orders.find(id);
        if (found == orders.end() || (!buyer.empty() && found->second.buyer != buyer)) return Kind::not_found;
        auto& order = found->second;
        if (order.state == ledger::OrderState::paid) return Kind::already_paid;
        if (order.state != ledger::OrderState::reserved) return Kind::already_closed;
        if (state == ledger::OrderState::expired && !offers[order.offer].is_short) return Kind::not_due;
        order.state = state;
        move(offers[order.offer], order.quantity);
        return Kind::released;
    }

    commerce::Settlement::Kind pay(const std::string& id, const std::string& payment) {
        using Kind = commerce::Settlement::Kind;
        const auto found = orders.find(id);
        if (found == orders.end()) return Kind::not_found;
        auto& order = found->second;
        if (order.payments.contains(payment)) return order.paid_by == payment ? Kind::paid : Kind::refund_due;
        order.payments.insert(payment);
        const auto& offer = offers[order.offer];
        if (order.state == ledger::OrderState::expired && offer.is_open &&
            held(order.buyer, order.offer) + order.quantity <= offer.limit && has_enough(offer, order.quantity)) {
            move(offer, -order.quantity);
            order.state = ledger::OrderState::reserved;
        }
        if (order.state != ledger::OrderState::reserved) {
            order.refund_due_fen += order.amount_fen;
            return Kind::refund_due;
        }
        order.state = ledger::OrderState::paid;
        order.paid_by = payment;
        return Kind::paid;
    }

    std::int64_t held(const std::string& buyer, const std::string& offer) const {
        std::int64_t count = 0;
        for (const auto& [id, order] : orders) {
            if (order.buyer == buyer && order.offer == offer && is_counted(order)) count += order.quantity;
        }
        return count;
    }

    static bool is_counted(const Order& order) {
        return order.state == ledger::OrderState::reserved || order.state == ledger::OrderState::paid;
    }

private:
    static bool is_same(const Order& order, const std::string& buyer, const std::string& offer, std::int64_t quantity) {
        return order.buyer == buyer && order.offer == offer && order.quantity == quantity;
    }
    commerce::Refusal decide(const std::string& id, Order order) {
        using commerce::Refusal;
        if (order.quantity < 1 || order.quantity > 99) return Refusal::bad_quantity;
        const auto found = offers.find(order.offer);
        if (found == offers.end()) return Refusal::no_offer;
        const auto& offer = found->second;
        if (offer.is_draft) return Refusal::not_open;
        if (!offer.is_open) return Refusal::closed;
        if (held(order.buyer, order.offer) + order.quantity > offer.limit) return Refusal::limit;
        if (!has_enough(offer, order.quantity)) return Refusal::sold_out;
        move(offer, -order.quantity);
        order.amount_fen = order.quantity * offer.price_fen;
        orders[id] = order;
        return Refusal::none;
    }
    static std::map<std::string, std::int64_t> demand(const Offer& offer, std::int64_t quantity) {
        std::map<std::string, std::int64_t> sums;
        for (const auto& [stock, units] : offer.lines) sums[stock] += units * quantity;
        return sums;
    }
    bool has_enough(const Offer& offer, std::int64_t quantity) const {
        const auto sums = demand(offer, quantity);
        return std::all_of(sums.begin(), sums.end(),
                           [this](const auto& sum) { return left.at(sum.first) >= sum.second; });
    }
    void move(const Offer& offer, std::int64_t quantity) {
        for (const auto& [stock, units] : demand(offer, quantity)) left[stock] += units;
    }
};

}  // namespace livefair::test
