#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "net/task.hpp"

namespace livefair::v1 {
class OrderAnswer;
}

namespace livefair::sim {

class Simulation;
struct GatewayParts;

/// Buyers and payers, and what they were told. Buyers ask again, with the same id and at any gateway, until
/// they have an answer; some click twice, some use an id for something else.
class Crowd {
public:
    explicit Crowd(Simulation& simulation) : simulation_(simulation) {}

    /// Stocks, offers and buyers, by SQL.
    void set_up();
    /// Something somebody does, now and then, until rest() is called.
    void start();
    /// No new purchases; those under way go on until they are answered.
    void rest() { is_resting_ = true; }
    /// Empty: everybody has an answer, and the provider has been heard for all money that moved.
    std::string waits_for() const;
    /// What was answered, against what the ledger has: for the end, when all is at rest.
    void check_answers();
    /// By a payment that a buyer has made; 0: nobody has.
    std::int64_t paid_fen(const std::string& payment) const;
    const std::vector<std::string>& offers() const { return offers_; }
    const std::vector<std::string>& stocks() const { return stocks_; }

private:
    struct Purchase {
        std::string id, buyer, offer, address;
        std::int64_t quantity = 0;
        std::string accepted;  ///< The whole answer, once it was "accepted".
        std::int64_t amount_fen = 0;
        bool is_final = false;
        bool was_rejected = false;
    };
    struct Payment {
        std::string id, order, event;
        std::int64_t amount_fen = 0;
        bool is_taken = false;
    };

    void plan_act();
    void act();
    void buy();
    void ask(const Purchase& purchase);
    void ask_again_later(const std::string& id);
    void misuse_id();
    void cancel();
    void pay();
    void send_notify(const Payment& payment);
    void bad_notify();
    void new_payment(const Purchase& purchase);
    GatewayParts* gateway();
    const Purchase* some_purchase(bool is_accepted);

    net::Task<> place(GatewayParts& gateway, Purchase purchase);
    net::Task<> place_other(GatewayParts& gateway, Purchase purchase);
    net::Task<> cancel_order(GatewayParts& gateway, std::string id, std::string buyer);
    net::Task<> create_payment(GatewayParts& gateway, std::string order, std::string buyer);
    net::Task<> notify(GatewayParts& gateway, Payment payment, std::int64_t amount_fen, bool is_forged, bool is_real);
    void answered(const Purchase& asked, const v1::OrderAnswer& answer);
    void check_accepted(const Purchase& asked, const v1::OrderAnswer& answer);

    Simulation& simulation_;
    std::vector<std::string> stocks_, offers_, buyers_;
    std::map<std::string, Purchase> purchases_;
    std::map<std::string, Payment> payments_;
    std::vector<std::string> ids_;
    std::int64_t next_id_ = 0;
    std::int64_t act_every_ms_ = 10;
    bool is_late_ = false;  ///< Holds are short, and money comes after their end, often twice.
    bool is_resting_ = false;
};

}  // namespace livefair::sim
