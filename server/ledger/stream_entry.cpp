#include "ledger/stream_entry.hpp"

#include <algorithm>
#include <array>

#include "ledger/order_text.hpp"
#include "net/utf8.hpp"

namespace livefair::ledger {

namespace {

template <std::size_t count>
using Fields = std::array<std::string_view, count>;

/// Of "a|b|c" so many fields; empty when there are more or fewer.
template <std::size_t count>
std::optional<Fields<count>> split(std::string_view text) {
    Fields<count> fields;
    for (std::size_t i = 0; i + 1 < count; ++i) {
        const auto end = text.find('|');
        if (end == std::string_view::npos) return std::nullopt;
        fields[i] = text.substr(0, end);
        text.remove_prefix(end + 1);
    }
    if (text.find('|') != std::string_view::npos) return std::nullopt;
    fields.back() = text;
    return fields;
}

/// The order that `n` tells of, by what `s` before it says. What makes no sense has no facts.
StreamOrder placed_order(const std::optional<Fields<6>>& shared, std::string_view own) {
    StreamOrder order{std::string(own.substr(0, own.find('|'))), {}};
    const auto its = split<6>(own);
    if (!shared || !its) return order;
    const auto& [offer, price, placed_ms, hold_until_ms, lines, version] = *shared;
    const auto& [id, buyer, quantity, address, amount, left] = *its;
    order.facts.reserve(256);
    order.facts = to_string(OrderState::reserved);
    for (const auto field : {buyer, offer, quantity, address, price, amount, placed_ms, hold_until_ms, left, lines, version}) {
        order.facts += '|';
        order.facts += field;
    }
    order.facts += "|||";
    return order;
}

}  // namespace

const std::string& StreamEntry::field(std::string_view name) const {
    static const std::string none;
    for (auto found = fields.rbegin(); found != fields.rend(); ++found) {
        if (found->first == name) return found->second;
    }
    return none;
}

bool is_storable(std::string_view text) {
    return net::is_utf8(text) && text.find('\0') == std::string_view::npos;
}

bool StreamEntry::is_storable() const {
    const auto order_is = [](const StreamOrder& order) {
        return ledger::is_storable(order.id) && ledger::is_storable(order.facts);
    };
    const auto field_is = [](const auto& field) { return ledger::is_storable(field.second); };
    return ledger::is_storable(kind) && std::all_of(orders.begin(), orders.end(), order_is) &&
           std::all_of(fields.begin(), fields.end(), field_is);
}

StreamEntry StreamEntry::from_fields(ShowId show, std::string id, std::vector<std::string> texts) {
    StreamEntry entry{std::move(show), std::move(id), {}, {}, {}, {}};
    // Facts before any id belong to an order without one.
    bool has_facts = true;
    std::optional<Fields<6>> shared;  // views of `texts`
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
        auto& value = texts[i + 1];
        if (texts[i] == "n") {
            entry.orders.push_back(placed_order(shared, value));
            has_facts = true;
        } else if (texts[i] == "s") {
            shared = split<6>(value);
        } else if (texts[i] == "o") {
            entry.orders.push_back({std::move(value), {}});
            has_facts = false;
        } else if (texts[i] == "b") {
            if (has_facts) entry.orders.emplace_back();
            entry.orders.back().facts = std::move(value);
            has_facts = true;
        } else if (texts[i] == "k") {
            entry.kind = std::move(value);
        } else if (texts[i] == "l") {
            entry.left = std::move(value);
        } else {
            entry.fields.emplace_back(std::move(texts[i]), std::move(value));
        }
    }
    if (entry.orders.empty()) entry.orders.emplace_back();
    return entry;
}

std::optional<StreamEntry> StreamEntry::from_reply(ShowId show, redis::Reply reply) {
    if (reply.items.size() != 2) return std::nullopt;
    auto& items = reply.items[1].items;
    std::vector<std::string> texts;
    texts.reserve(items.size());
    for (auto& item : items) texts.push_back(std::move(item.text));
    return from_fields(std::move(show), std::move(reply.items[0].text), std::move(texts));
}

}  // namespace livefair::ledger
