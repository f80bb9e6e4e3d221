#include <map>
#include <random>
#include <set>

#include "ledger/sales_sums.hpp"
#include "unit/server/ledger/projected_show.hpp"

using namespace livefair;
using test::facts;
using test::ProjectedShow;

namespace {

/// Everything that entries of the stream may change.
const std::vector<std::string> tables = {
    "SELECT id, offer_id, buyer_id, title, CAST(quantity AS TEXT), CAST(amount_fen AS TEXT), CAST(state AS TEXT), CAST(paid_ms AS TEXT), "
    "CAST(refund_due_fen AS TEXT), stream_id, address_id, phone, detail FROM orders ORDER BY id",
    "SELECT order_id, CAST(position AS TEXT), stock_id, product_id, title, unit, CAST(units AS TEXT), CAST(amount_fen AS TEXT), CAST(weight_g AS TEXT) "
    "FROM order_lines ORDER BY order_id, position",
    "SELECT stream_id, CAST(place AS TEXT), order_id, kind, CAST(at_ms AS TEXT), detail FROM order_events ORDER BY stream_id, place",
    "SELECT stream_id, CAST(position AS TEXT), order_id, debit, credit, CAST(amount_fen AS TEXT) FROM entries ORDER BY stream_id, position",
    "SELECT stream_id, CAST(place AS TEXT), order_id, kind, detail FROM anomalies ORDER BY stream_id, place, kind",
    "SELECT provider, id, order_id, CAST(amount_fen AS TEXT), state FROM payments ORDER BY id",
    "SELECT id, CAST(total AS TEXT), CAST(committed AS TEXT) FROM stocks ORDER BY id",
    "SELECT CAST(dimension AS TEXT), key, name, unit, CAST(orders_held AS TEXT), CAST(orders_paid AS TEXT), CAST(units_held AS TEXT), CAST(held_fen AS TEXT), "
    "CAST(paid_fen AS TEXT), CAST(refund_due_fen AS TEXT), CAST(paid_g AS TEXT), CAST(buyers_paid AS TEXT) FROM sales_sums ORDER BY dimension, key",
    "SELECT stream_id FROM tills"};

/// Entries that a till would write, would never write, and that nobody would. One seed in two has none of the latter,
/// so that the others are written together.
class RandomStream {
public:
    RandomStream(const ProjectedShow& show, unsigned seed) : show_(show), random_(seed), odd_percent_(seed % 2 == 0 ? 0 : 3) {}

    ledger::StreamEntry next() {
        const std::vector<std::string> kinds{"cancelled", "expired", "paid", "refund_due", "refused", "taken_again", "opened", "unheard_of"};
        const auto kind = chance(55) ? "placed" : kinds[below(chance(80) ? 2 : chance(80) ? 6 : kinds.size())];
        std::vector<std::string> fields{"k", kind, "l", "s1:" + std::to_string(below(20))};
        const auto count = kind == "placed" ? 1 + below(5) : 1;
        for (std::size_t i = 0; i < count; ++i) {
            const auto is_new = kind == "placed" && !chance(odd_percent_);
            // Now and then an event comes before its order.
            const auto number = is_new ? ++newest_ : chance(3) ? newest_ + 1 : below(newest_ + 1);
            const auto id = "o" + std::to_string(number);
            fields.insert(fields.end(), {"o", id, "b", kind == "placed" ? random_facts() : ""});
        }
        if (kind == "paid" || kind == "refund_due")
            fields.insert(fields.end(), {"v", "sandbox", "p", "p" + std::to_string(below(newest_ + 1)), "e", "e" + std::to_string(++events_), "m", "100"});
        return show_.entry(std::to_string(1000 + ++entries_) + "-0", std::move(fields));
    }
    std::size_t below(std::size_t end) { return random_() % end; }
    bool chance(unsigned percent) { return random_() % 100 < percent; }

private:
    std::string random_facts() {
        if (chance(odd_percent_)) return chance(50) ? "rubbish" : std::string("\xff\0x", 3);
        const auto buyer = "b" + std::to_string(below(7));  // two of them have no address
        const auto quantity = static_cast<std::int64_t>(1 + below(3));
        if (chance(odd_percent_)) return facts(buyer, "none", quantity, 100, "s1:1");
        if (chance(odd_percent_)) return facts(buyer, "one", quantity, 100, "s9:1");
        if (chance(odd_percent_)) return facts(buyer, "one", 1'000'000'000, 9'000'000'000'000'000, "s1:1");
        if (chance(50)) return facts(buyer, "one", quantity, 100, "s1:1");
        if (chance(50)) return facts(buyer, "two", quantity, 251, "s2:2");
        return facts(buyer, "both", quantity, 301, chance(90) || odd_percent_ == 0 ? "s1:1,s2:1" : "s2:1,s1:1,s2:1");
    }

    const ProjectedShow& show_;
    std::mt19937 random_;
    unsigned odd_percent_;
    std::size_t newest_ = 0, events_ = 0, entries_ = 0;
};

struct SmallShow : ProjectedShow {
    explicit SmallShow(std::int64_t units) {
        write("BEGIN");
        add_stock("s1", units);
        add_stock("s2", units * 2);
        add_offer("one", 100, {{"s1", 1}});
        add_offer("two", 251, {{"s2", 2}});
        add_offer("both", 301, {{"s1", 1}, {"s2", 1}});
        for (int i = 0; i < 5; ++i) add_buyer("b" + std::to_string(i));
        write("COMMIT");
    }
};

struct Told {
    std::multiset<std::string> refused;
    std::map<std::string, ledger::OrderState> states;
    void add(const ledger::Projection& projection) {
        for (const auto& order : projection.refused) {
            std::string text = order.order.str() + " " + order.offer.str();
            for (const auto& stock : order.short_stocks) text += " " + stock;
            refused.insert(text);
        }
        for (const auto& summary : projection.summaries)
            for (const auto& order : summary.orders) states[order.id.str()] = order.state;
    }
};

}  // namespace

TEST_CASE("orders written together give the rows, refusals and states that each alone gives, whatever the stream holds", "[ledger]") {
    const auto seed = GENERATE(range(1U, 17U));
    INFO("seed " << seed);
    std::mt19937 size(seed);
    const auto units = static_cast<std::int64_t>(seed % 3 == 0 ? 1000 : size() % 40);
    SmallShow together(units), alone(units);
    RandomStream stream(together, seed);
    Told told_together, told_alone;
    for (int batch = 0; batch < 30; ++batch) {
        std::vector<ledger::StreamEntry> entries;
        for (auto count = 1 + size() % 12; count > 0; --count) entries.push_back(stream.next());
        told_together.add(together.apply(entries));
        alone.in_transaction([&] {
            Result<ledger::Projection> applied = ledger::Projection();
            for (const auto& entry : entries) {
                applied = ledger::apply_carefully(alone.database(), entry);
                if (!applied) break;
                told_alone.add(*applied);
            }
            return applied;
        });
        for (const auto& table : tables) {
            INFO(table);
            REQUIRE(together.rows(table) == alone.rows(table));
        }
        REQUIRE(ledger::recount_sums(together.database(), "show1")->empty());
        REQUIRE(told_together.refused == told_alone.refused);
        REQUIRE(told_together.states == told_alone.states);
    }
}

TEST_CASE("texts that no database keeps are anomalies, and later entries are committed", "[ledger]") {
    SmallShow show(10);
    const std::string nul("o\0o", 3);
    const auto done = show.apply({show.entry("5-0", {"k", "placed", "o", nul, "b", facts("b1", "one", 1, 100, "s1:1")}),
                                  show.entry("5-1", {"k", "placed", "o", "o1", "b", facts("b\xff", "one", 1, 100, "s1:1")}),
                                  show.entry("5-2", {"k", "cancelled", "o", "o1", "b", "\xc3"}),
                                  show.entry("5-3", {"k", std::string(5000, 'k'), "o", "o1"}),
                                  show.entry("5-4", {"k", "placed", "o", "o2", "b", facts("b1", "one", 1, 100, "s1:1")})});
    CHECK(done.refused.size() == 2);
    CHECK(show.rows("SELECT id FROM orders") == "o2\n");
    CHECK(show.rows("SELECT order_id, kind FROM anomalies ORDER BY stream_id") == "o?o|unreadable_entry\no1|unreadable_entry\no1|unreadable_entry\no1|unknown_kind\n");
    CHECK(show.number("SELECT CAST(max(length(detail)) AS BIGINT) FROM anomalies") == 1000);
    CHECK(show.rows("SELECT stream_id FROM tills") == "5-4\n");
}
