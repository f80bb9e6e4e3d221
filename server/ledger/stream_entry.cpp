#include "ledger/stream_entry.hpp"

#include <algorithm>

#include "net/utf8.hpp"

namespace livefair::ledger {

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
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
        auto& value = texts[i + 1];
        if (texts[i] == "o") {
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
