#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "redis/reply.hpp"

namespace livefair::ledger {

/// Whether a database can keep the text: UTF-8 without NUL.
bool is_storable(std::string_view text);

/// An order in an entry: its id, and its facts as till.lua wrote them (OrderText).
struct StreamOrder {
    std::string id;
    std::string facts;
};

/// One entry of a show's orders stream, as till.lua writes it: `k` kind, `l` "stock:left,..." after all that the entry
/// says, then `o` id and `b` facts of the order it is about; of kind placed `n` what is an order's own, after `s` what it shares with the orders behind it.
/// ("o b" of each order before till_place_v3.) What else there is (of payments) is in `fields`.
struct StreamEntry {
    ShowId show;
    std::string id;
    std::string kind;
    std::string left;
    /// At least one. Its place here, from 0, tells the order's rows from those of the entry's other orders.
    std::vector<StreamOrder> orders;
    std::vector<std::pair<std::string, std::string>> fields;

    /// The text of another field; empty when there is none. Of a field that is there twice, the last.
    const std::string& field(std::string_view name) const;
    /// Whether all of it is text that a database can keep: UTF-8 without NUL.
    bool is_storable() const;
    /// From the entry's fields and values in turn. Whatever they are, the entry can be applied: what makes no sense is
    /// an anomaly then.
    static StreamEntry from_fields(ShowId show, std::string id, std::vector<std::string> fields_and_values);
    /// From [id, [field, value, ...]] as XREAD and XRANGE answer it. Empty when the reply is of another shape.
    static std::optional<StreamEntry> from_reply(ShowId show, redis::Reply reply);
};

}  // namespace livefair::ledger
