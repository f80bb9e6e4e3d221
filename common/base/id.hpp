#pragma once

#include <algorithm>
#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/errc.hpp"

namespace livefair {

/// Whether `text` may be an id: 1 to 64 of [A-Za-z0-9_-]. Such a text is safe in a Redis key, a path and a log line.
inline bool is_id_text(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

/// An id that can't be mixed up with another kind's. Ids from outside are made with parse().
template <class Tag>
class Id {
public:
    Id() = default;
    explicit Id(std::string text) : text_(std::move(text)) {}
    /// Errors: Errc::invalid_input when `text` breaks is_id_text().
    static Result<Id> parse(std::string_view text) {
        if (!is_id_text(text)) return make_error_code(Errc::invalid_input);
        return Id(std::string(text));
    }
    const std::string& str() const { return text_; }
    bool empty() const { return text_.empty(); }
    auto operator<=>(const Id&) const = default;

private:
    std::string text_;
};

using RoomId = Id<struct RoomTag>;
using ShowId = Id<struct ShowTag>;
using SegmentId = Id<struct SegmentTag>;
using OfferId = Id<struct OfferTag>;
using StockId = Id<struct StockTag>;
using ProductId = Id<struct ProductTag>;
using OrderId = Id<struct OrderTag>;
using AccountId = Id<struct AccountTag>;
using AddressId = Id<struct AddressTag>;
using HostId = Id<struct HostTag>;
using OrganisationId = Id<struct OrganisationTag>;
using PaymentId = Id<struct PaymentTag>;

}  // namespace livefair

template <class Tag>
struct std::hash<livefair::Id<Tag>> {
    std::size_t operator()(const livefair::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
