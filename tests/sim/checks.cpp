#include "sim/checks.hpp"

#include <set>

#include "base/check.hpp"

namespace livefair::sim {

using ledger::OrderState;
using ledger::OrderText;

namespace {

const std::string till_prefix = "{sshow1}:";

std::string word_of(OrderState state) {
    return state == OrderState{} ? "none" : std::string(to_string(state));
}

/// What the till's hash has left of stocks, and of funds as "$fund".
std::map<std::string, std::int64_t> left_of(const RedisValue* till) {
    std::map<std::string, std::int64_t> left;
    if (till == nullptr) return left;
    for (auto it = till->hash.lower_bound("left:"); it != till->hash.end() && it->first.starts_with("left:"); ++it)
        left[it->first.substr(5)] = std::stoll(it->second);
    for (auto it = till->hash.lower_bound("pool:"); it != till->hash.end() && it->first.starts_with("pool:"); ++it)
        left["$" + it->first.substr(5)] = std::stoll(it->second);
    return left;
}

/// Numbers of the newest changes that the till has decided, by stock and fund.
std::map<std::string, std::int64_t> changes_of(const RedisValue* till) {
    static const std::string prefix = "change:";
    std::map<std::string, std::int64_t> numbers;
    if (till == nullptr) return numbers;
    for (auto it = till->hash.lower_bound(prefix); it != till->hash.end() && it->first.starts_with(prefix); ++it)
        numbers[name_of(it->first.substr(prefix.size()))] = std::stoll(it->second);
    return numbers;
}

bool is_function(const Command& command, std::string_view name) {
    return command.size() > 1 && command[0].starts_with("FCALL") && command[1].starts_with(name);
}

/// Words of the answer that name what was decided; empty: not a decision.
std::string decision_of(const Reply& reply, std::string_view function) {
    if (reply.items.empty()) return {};
    const auto& word = reply.items[0].text;
    const bool is_kept = (function == "till_pay" && (word == "PAID" || word == "REFUND")) || (function == "till_refund" && word == "RESTOCKED");
    if (!is_kept) return word;
    return word + (reply.items.size() > 2 && reply.items[2].text == "1" ? " again" : " new");
}

/// The same of one purchase of a call: "ACCEPTED|...", "REPEATED|...", "REJECTED|reason|...".
std::string purchase_decision(const std::string& text) {
    if (text.starts_with("ACCEPTED|")) return "ACCEPTED new";
    if (text.starts_with("REPEATED|")) return "ACCEPTED again";
    if (text.ends_with("|again")) return "REJECTED again";
    const auto end = text.find('|', 9);
    return text.starts_with("REJECTED|") ? text.substr(9, end - 9) : text;
}

}  // namespace

std::string name_of(const std::string& field) {
    return (field.starts_with("pool:") ? "$" : "") + field.substr(5);
}

Checks::Checks(World& world, RedisServer& redis, LedgerModel& ledger, Coverage& coverage)
    : world_(world), redis_(redis), ledger_(ledger), coverage_(coverage) {}

void Checks::begin(bool has_after_sales) {
    has_after_sales_ = has_after_sales;
    first_total_ = totals_of(ledger_.database());
}

void Checks::hit(const char* machine, const std::string& transition) {
    if (!coverage_.hit(machine, transition)) fail(std::string(machine) + " has no transition " + transition);
}

void Checks::after_command(const Command& command, const Reply& reply) {
    if (reply.is_error()) fail("Redis refuses " + command[0] + " " + (command.size() > 1 ? command[1] : "") + ": " + reply.text);
    if (command[0].starts_with("FCALL")) note_answer(command, reply);
    const auto changed = redis_.data.take_changed();
    if (changed.empty()) return;
    std::vector<std::string> orders;
    for (const auto& key : changed) {
        if (!key.starts_with(till_prefix + "order:")) continue;
        orders.push_back(key.substr(till_prefix.size() + 6));
        note_order(orders.back(), command);
    }
    note_till(command);
    if (till_state_ != "open") return;
    if (is_function(command, "till_adjust")) note_change(command, reply);
    check_stock(command);
    for (const auto& id : orders) check_order(id);
}

void Checks::note_answer(const Command& command, const Reply& reply) {
    if (is_function(command, "till_place")) {
        if (decision_of(reply, "till_place") != "DECIDED") return hit("till_place", decision_of(reply, "till_place"));
        for (std::size_t i = 2; i < reply.items.size(); ++i) hit("till_place", purchase_decision(reply.items[i].text));
        return;
    }
    if (is_function(command, "till_release")) return hit("till_release", decision_of(reply, "till_release"));
    if (is_function(command, "till_pay")) return hit("till_pay", decision_of(reply, "till_pay"));
    if (is_function(command, "till_refund")) return hit("till_refund", decision_of(reply, "till_refund"));
    if (is_function(command, "till_adjust")) return hit("till_adjust", decision_of(reply, "till_adjust"));
    for (const auto* name : {"till_pause", "till_load_orders", "till_load", "till_open"}) {
        if (is_function(command, name)) {
            world_.trace("till: " + command[1] + " of epoch " + command[name == std::string_view("till_pause") ? 5 : 3 + std::stoull(command[2])] + ": " + decision_of(reply, ""));
            (void)coverage_.hit("rebuild", std::string(name) + " " + decision_of(reply, ""));
            return;
        }
    }
}

void Checks::note_order(const std::string& id, const Command& command) {
    TillOrder before = till_orders_[id];
    TillOrder now;
    const auto* value = redis_.data.find(till_prefix + "order:" + id);
    if (value != nullptr && value->text.starts_with("rejected|")) {
        now.is_rejected = true;
    } else if (value != nullptr) {
        const auto parsed = OrderText::parse(value->text);
        if (!parsed) return fail("the till holds what is no order: " + value->text);
        const auto kept = parsed->quantity - restocked(parsed->payments);
        now = {parsed->state, parsed->offer, parsed->buyer, parsed->payments, kept, parsed->hold_until_ms, sum_units(parsed->lines, kept), false};
    }
    if (is_held(before)) count(before, -1);
    if (is_held(now)) count(now, +1);
    till_orders_[id] = now;
    // A rebuild writes what the ledger has, and a misfortune takes back: neither is a decision.
    const bool is_decision = is_function(command, "till_") && !is_function(command, "till_load");
    if (!is_decision) return;
    const auto word = [](const TillOrder& order) { return order.is_rejected ? "rejected" : word_of(order.state); };
    world_.trace("till: " + id + " " + word(before) + " > " + word(now));
    const bool is_same = before.state == now.state && before.payments != now.payments;
    const auto* what = !is_same ? "" : is_function(command, "till_refund") ? " (goods back)" : " (refund due)";
    hit("order in the till", word(before) + " > " + word(now) + what);
}

/// Offers of an order that refunds have put on sale again, by the ledger's word of how many each is about.
std::int64_t Checks::restocked(const std::string& payments) {
    static const std::string prefix = "refund:";
    std::set<std::string> refunds;
    for (auto at = payments.find(prefix); at != std::string::npos; at = payments.find(prefix, at + 1)) {
        const auto from = at + prefix.size();
        refunds.insert(payments.substr(from, payments.find('=', from) - from));
    }
    std::int64_t quantity = 0;
    for (const auto& refund : refunds) {
        const auto rows = ledger_.database().query("SELECT quantity FROM refunds WHERE id = ?", {refund});
        LF_CHECK(rows.has_value());
        if (rows->empty()) fail("I2: the till has goods of refund " + refund + ", which the ledger does not know");
        else quantity += rows->front().integer(0);
    }
    return quantity;
}

void Checks::count(const TillOrder& order, int sign) {
    for (const auto& line : order.units) sold_[line.stock] += sign * line.units;
    bought_[order.offer + " " + order.buyer] += sign * order.quantity;
}

void Checks::note_till(const Command& command) {
    const auto* till = redis_.data.find(till_prefix + "till");
    const auto state = till == nullptr || !till->hash.contains("state") ? std::string("absent") : till->hash.at("state");
    const bool is_fault = command[0].starts_with("(");
    const bool is_rebuild = is_function(command, "till_pause") || is_function(command, "till_open");
    if (state != till_state_ || is_function(command, "till_pause")) {
        if (!is_fault || state == "absent") {
            if (state != till_state_ || state == "paused") hit("till", till_state_ + " > " + state);
        }
    }
    const auto before = std::exchange(till_state_, state);
    if (state != "open" || (before == "open" && !is_rebuild && !is_fault)) return;
    newest_change_ = changes_of(till);
    if (is_fault) {
        // Back to a moment when it was open: its stock has to add up by itself.
        sum_.clear();
        for (const auto& [stock, left] : left_of(till)) sum_[stock] = left + sold_[stock];
        return;
    }
    sum_.clear();
    const auto left = left_of(till);
    const auto granted = granted_totals();
    for (const auto& [stock, total] : granted) {
        const auto found = left.find(stock);
        if (found == left.end()) continue;
        sum_[stock] = found->second + sold_[stock];
        // A rebuild does not undo what is falsified while it runs.
        if (sum_[stock] != total && !is_falsified_)
            fail("I6: the till opens with " + std::to_string(found->second) + " left and " + std::to_string(sold_[stock]) + " sold of " + stock +
                 ", the ledger has " + std::to_string(total));
    }
}

/// What the ledger has given the show of each stock and fund, but for changes that the till has not been told of.
std::map<std::string, std::int64_t> Checks::granted_totals() {
    auto totals = totals_of(ledger_.database());
    const auto changes = ledger_.database().query("SELECT field, number, amount FROM allocation_changes WHERE state IN (2, 3)");
    LF_CHECK(changes.has_value());
    for (const auto& row : *changes) {
        const auto name = name_of(row.text(0));
        if (row.integer(1) > newest_change_[name]) totals[name] -= row.integer(2);
    }
    return totals;
}

/// Each change counts once, and the till never has more than the ledger has granted.
void Checks::note_change(const Command& command, const Reply& reply) {
    const auto name = name_of(command[7]);
    const auto number = std::stoll(command[8]);
    if (number <= newest_change_[name]) return;
    newest_change_[name] = number;
    if (decision_of(reply, "till_adjust") != "DONE") return;
    sum_[name] = command[9] == "rest" ? sold_[name] : sum_[name] + std::stoll(command[9]);
    const auto total = totals_of(ledger_.database()).at(name);
    if (sum_[name] > total && !is_falsified_)
        fail("I6: the till may sell " + std::to_string(sum_[name]) + " of " + name + ", the ledger has " + std::to_string(total));
}

void Checks::check_stock(const Command& command) {
    const auto* till = redis_.data.find(till_prefix + "till");
    for (const auto& [stock, left] : left_of(till)) {
        if (left < 0) fail("I1: the till has " + std::to_string(left) + " left of " + stock);
        const auto known = sum_.find(stock);
        const auto sum = left + sold_[stock];
        if (known == sum_.end()) {
            sum_[stock] = sum;
            continue;
        }
        // What the ledger refused stays off sale.
        const bool is_refusal = is_function(command, "till_release") && command.size() > 13 && command[13] == "refused" && sum < known->second;
        if (is_refusal) known->second = sum;
        if (sum != known->second)
            fail("I6: left and sold of " + stock + " are " + std::to_string(sum) + ", were " + std::to_string(known->second));
    }
}

void Checks::check_order(const std::string& id) {
    const auto& order = till_orders_[id];
    if (order.offer.empty()) return;
    const auto* holds = redis_.data.find(till_prefix + "holds");
    const auto score = holds != nullptr && holds->scores.contains(id) ? static_cast<std::int64_t>(holds->scores.at(id)) : -1;
    const auto expected = order.state == OrderState::reserved ? order.hold_until_ms : -1;
    if (score != expected) fail("I6: order " + id + " is " + word_of(order.state) + " and its hold says " + std::to_string(score));
    const auto* limits = redis_.data.find(till_prefix + "limit:" + order.offer);
    const auto noted = limits != nullptr && limits->hash.contains(order.buyer) ? std::stoll(limits->hash.at(order.buyer)) : 0;
    const auto bought = bought_[order.offer + " " + order.buyer];
    if (noted != bought) fail("I4: " + order.buyer + " has " + std::to_string(bought) + ", the limit counts " + std::to_string(noted));
    const auto* offer = redis_.data.find(till_prefix + "offer:" + order.offer);
    if (offer != nullptr && offer->hash.contains("limit") && bought > std::stoll(offer->hash.at("limit")))
        fail("I4: " + order.buyer + " has " + std::to_string(bought) + " of " + order.offer + ", over the limit");
}

void Checks::expect_falsified(const std::string& stock, std::int64_t units) {
    is_falsified_ = true;
    if (sum_.contains(stock)) sum_[stock] += units;
}

}  // namespace livefair::sim
