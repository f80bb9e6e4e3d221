#include "ledger/order_text.hpp"

#include <array>
#include <charconv>

namespace livefair::ledger {

namespace {

constexpr std::array<std::string_view, 6> state_names = {"", "reserved", "paid", "expired", "cancelled", "refused"};

template <class T>
Result<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || value < T{})
        return make_error_code(Errc::invalid_input);
    return value;
}

Result<OrderState> parse_state(std::string_view text) {
    for (std::size_t i = 1; i < state_names.size(); ++i) {
        if (state_names[i] == text) return static_cast<OrderState>(i);
    }
    return make_error_code(Errc::invalid_input);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

StreamId StreamId::parse(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return {};
    const auto ms = parse_number<std::uint64_t>(text.substr(0, dash));
    const auto sequence = parse_number<std::uint64_t>(text.substr(dash + 1));
    if (!ms || !sequence) return {};
    return {*ms, *sequence};
}

std::string StreamId::text() const {
    return std::to_string(ms) + "-" + std::to_string(sequence);
}

Result<std::vector<StockUnits>> parse_stock_units(std::string_view text) {
    std::vector<StockUnits> lines;
    if (text.empty()) return lines;
    for (const auto part : split(text, ',')) {
        const auto colon = part.find(':');
        if (colon == std::string_view::npos || colon == 0) return make_error_code(Errc::invalid_input);
        const auto units = parse_number<std::int64_t>(part.substr(colon + 1));
        if (!units) return units.error();
        lines.push_back({std::string(part.substr(0, colon)), *units});
    }
    return lines;
}

std::vector<StockUnits> sum_units(const std::vector<StockUnits>& lines, std::int64_t factor) {
    std::vector<StockUnits> sums;
    for (const auto& line : lines) {
        auto known = sums.begin();
        while (known != sums.end() && known->stock != line.stock) ++known;
        if (known == sums.end()) known = sums.insert(sums.end(), StockUnits{line.stock, 0});
        known->units += line.units * factor;
    }
    return sums;
}

Result<OrderText> OrderText::parse(std::string_view text) {
    auto fields = split(text, '|');
    // Written before offers had versions.
    if (fields.size() == 14 && !fields[11].starts_with('v')) fields.insert(fields.begin() + 11, "v0");
    if (fields.size() != 15 || !fields[11].starts_with('v')) return make_error_code(Errc::invalid_input);
    fields[11].remove_prefix(1);
    const auto state = parse_state(fields[0]);
    const auto lines = parse_stock_units(fields[10]);
    if (!state || !lines || lines->empty()) return make_error_code(Errc::invalid_input);
    OrderText order;
    struct Number {
        std::size_t field;
        std::int64_t& target;
    };
    for (const auto& number :
         {Number{3, order.quantity}, Number{5, order.unit_price_fen}, Number{6, order.amount_fen},
          Number{7, order.placed_ms}, Number{8, order.hold_until_ms}, Number{9, order.left_after}, Number{11, order.version}}) {
        const auto value = parse_number<std::int64_t>(fields[number.field]);
        if (!value) return value.error();
        number.target = *value;
    }
    order.state = *state;
    order.buyer = fields[1];
    order.offer = fields[2];
    order.address = fields[4];
    order.lines = *lines;
    order.placed_id = fields[12];
    order.last_id = fields[13].empty() ? fields[12] : fields[13];
    order.payments = fields[14];
    return order;
}

std::string OrderText::text() const {
    std::string joined;
    for (const auto& line : lines) {
        if (!joined.empty()) joined += ',';
        joined += line.stock + ":" + std::to_string(line.units);
    }
    std::string out(to_string(state));
    for (const auto& field : {buyer, offer, std::to_string(quantity), address, std::to_string(unit_price_fen),
                              std::to_string(amount_fen), std::to_string(placed_ms), std::to_string(hold_until_ms),
                              std::to_string(left_after), joined, "v" + std::to_string(version), placed_id,
                              last_id == placed_id ? std::string() : last_id, payments}) {
        out += '|';
        out += field;
    }
    return out;
}

std::string_view to_string(OrderState state) {
    return state_names[static_cast<std::size_t>(state)];
}

}  // namespace livefair::ledger
