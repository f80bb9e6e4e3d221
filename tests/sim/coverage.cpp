#include "sim/coverage.hpp"

#include <sstream>

namespace livefair::sim {

namespace {

struct Machine {
    const char* name;
    std::vector<const char*> transitions;
    std::vector<const char*> rare = {};  ///< May happen; too seldom to be asked of each run.
};

const std::vector<Machine>& machines() {
    static const std::vector<Machine> list = {
        // An order as till.lua keeps it; the word after the arrow is the state that a function wrote.
        {"order in the till",
         {"none > reserved", "none > rejected", "reserved > paid", "reserved > expired", "reserved > cancelled", "reserved > refused",
          "expired > paid", "paid > refused", "paid > paid (refund due)", "paid > paid (goods back)", "expired > expired (refund due)",
          "cancelled > cancelled (refund due)", "refused > refused (refund due)"}},
        // An order row before and after a commit; several events may be in one. Never "none > paid": money is taken for an
        // order that the ledger has (Payments::settle), so its row is an earlier commit's.
        {"order in the ledger",
         {"none > reserved", "none > refused", "none > expired", "none > cancelled", "reserved > paid",
          "reserved > expired", "reserved > cancelled", "expired > paid", "expired > refused"}},
        {"event in the ledger",
         {"placed", "cancelled", "expired", "taken_again", "paid", "refund_due", "refused", "packed", "shipped", "done", "refund_asked",
          "refund_accepted", "refund_declined", "refund_paid", "refund_failed", "refunded"}},
        {"till",
         {"absent > paused", "paused > paused", "paused > open", "open > paused", "open > absent", "paused > absent"}},
        {"show", {"live > ended"}},
        {"payment in the ledger", {"none > created", "none > paid", "none > refund_due", "created > paid", "created > refund_due"}},
        {"till_place", {"ACCEPTED new", "ACCEPTED again", "REJECTED again", "SOLD_OUT", "NOT_OPEN", "CLOSED", "LIMIT", "NO_OFFER", "FUND_EMPTY", "GIFT_GONE", "WRONG_DAY", "CONFLICT", "REFUSED", "PAUSED", "NO_TILL"}},
        {"till_release", {"RELEASED", "CLOSED", "PAID", "NOT_DUE", "NOT_FOUND", "PAUSED", "NO_TILL"}},
        {"till_pay", {"PAID new", "PAID again", "REFUND new", "REFUND again", "PAUSED", "NO_TILL"}},
        {"till_refund", {"RESTOCKED new", "RESTOCKED again", "PAUSED"}, {"NO_TILL"}},
        {"progress of a paid order",
         {"none > packed", "none > shipped", "packed > shipped", "shipped > done", "none > refunding", "packed > refunding", "shipped > refunding",
          "done > refunding", "refunding > refunded"}},
        {"refund in the ledger",
         {"none > asked", "none > accepted", "asked > accepted", "asked > declined", "accepted > done", "accepted > failed"}},
        {"goods of a refund", {"none > due", "due > back"}},
        {"request to the provider",
         {"none > asked", "asked > accepted", "asked > done", "asked > failed", "accepted > done", "accepted > failed"}},
        {"till_adjust", {"DONE", "TOO_FEW", "PAUSED", "NO_TILL"}},
        {"change in the ledger", {"none > asked", "none > done", "asked > told", "asked > refused", "done > told"}, {"refused > told"}},
        {"rebuild", {"till_pause OK", "till_pause STALE", "till_load OK", "till_load STALE", "till_load_orders OK", "till_open OK"}},
        {"answer to a purchase",
         {"accepted", "accepted without gift", "accepted again", "sold out", "not open", "closed", "limit", "no offer", "bad quantity", "conflict",
          "no address", "fund empty", "gift gone", "wrong day", "refused", "unknown"}},
        {"answer to a change", {"done", "refused", "not enough free", "below sold", "under way", "other change", "unknown"}},
        {"answer to a change of terms", {"changed", "conflict", "unknown"}},
        {"answer to a refund", {"taken", "not refundable", "too much", "waits", "used id", "unknown"}},
        {"answer to a decision", {"taken", "own", "decided", "unknown"}},
        {"answer to a step", {"taken", "repeated", "illegal", "goods refunded", "refund waits", "unknown"}},
        {"answer to a cancelling", {"accepted", "rejected", "unknown"}},
        {"answer to a webhook", {"204", "400", "401", "404", "503"}},
        {"misfortune",
         {"gateways die", "ledger process dies", "Redis crashes", "Redis fails over", "Redis loses its volume", "FLUSHALL",
          "a connection is cut", "a process is cut off", "the network is slow", "Redis' clock jumps",
          "the ledger is out of order", "a commit's answer is lost", "stock in Redis is falsified"}},
        {"stale primary",
         {"lives on", "a client is led to it", "a client is led away", "is demoted", "PAUSED", "accepts a purchase", "knows a purchase", "rejects a purchase",
          "accepts a purchase beside its successor", "releases an order", "takes a payment", "its stream is read", "a message is sent by it",
          "its till is paused", "its till is opened"}},
    };
    return list;
}

}  // namespace

Coverage::Coverage() {
    for (const auto& machine : machines()) {
        for (const auto* list : {&machine.transitions, &machine.rare}) {
            for (const auto* transition : *list) machines_[machine.name][transition] = 0;
        }
    }
}

bool Coverage::hit(std::string_view machine, const std::string& transition) {
    const auto found = machines_.find(machine);
    if (found == machines_.end()) return false;
    const auto known = found->second.find(transition);
    if (known == found->second.end()) return false;
    ++known->second;
    return true;
}

void Coverage::add(const Coverage& other) {
    for (const auto& [machine, transitions] : other.machines_) {
        for (const auto& [transition, count] : transitions) machines_[machine][transition] += count;
    }
}

std::vector<std::string> Coverage::never_hit() const {
    std::vector<std::string> never;
    for (const auto& machine : machines()) {
        for (const auto* transition : machine.transitions) {
            if (machines_.at(machine.name).at(transition) == 0) never.push_back(std::string(machine.name) + ": " + transition);
        }
    }
    return never;
}

std::string Coverage::table() const {
    std::string text;
    for (const auto& machine : machines()) {
        text += std::string(machine.name) + "\n";
        for (const auto* list : {&machine.transitions, &machine.rare}) {
            for (const auto* transition : *list) {
                const auto count = std::to_string(machines_.at(machine.name).at(transition));
                text += "  " + std::string(count.size() < 12 ? 12 - count.size() : 0, ' ') + count + "  " + transition + "\n";
            }
        }
    }
    return text;
}

std::string Coverage::save() const {
    std::string text;
    for (const auto& [machine, transitions] : machines_) {
        for (const auto& [transition, count] : transitions)
            text += machine + "\t" + transition + "\t" + std::to_string(count) + "\n";
    }
    return text;
}

void Coverage::load(const std::string& text) {
    std::istringstream lines(text);
    std::string machine, transition, count;
    while (std::getline(lines, machine, '\t') && std::getline(lines, transition, '\t') && std::getline(lines, count))
        machines_[machine][transition] += std::stoll(count);
}

}  // namespace livefair::sim
