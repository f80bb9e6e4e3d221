#include "ledger/league.hpp"

#include <livefair/v1/totals.pb.h>

#include <algorithm>

namespace livefair::ledger {

namespace {

constexpr std::int64_t flags_max = 200;
/// From so many accepted refunds in one show on a person should look.
constexpr std::int64_t refunds_min = 3;
/// So many paid orders of one payer in one show; or a twentieth of its money, if that is at least 10,000 yuan.
constexpr std::int64_t bulk_orders_min = 20, bulk_part = 20, bulk_fen_min = 1'000'000;

/// a * b / c without overflow in between; c > 0.
std::int64_t part_of(std::int64_t a, std::int64_t b, std::int64_t c) {
    __extension__ using Wide = __int128;
    return static_cast<std::int64_t>(static_cast<Wide>(a) * b / c);
}

/// Expected and reached of each line, then the order: who has reached most of its share first, those without members
/// by what they bought.
void rank(v1::League& league) {
    for (auto& line : *league.mutable_lines()) {
        if (line.members() == 0) continue;
        line.set_expected_fen(part_of(league.net_fen(), line.members(), league.members()));
        if (line.expected_fen() > 0) line.set_reached_permille(part_of(line.net_fen(), 1000, line.expected_fen()));
    }
    std::stable_sort(league.mutable_lines()->begin(), league.mutable_lines()->end(), [](const auto& a, const auto& b) {
        if ((a.members() > 0) != (b.members() > 0)) return a.members() > 0;
        if (a.reached_permille() != b.reached_permille()) return a.reached_permille() > b.reached_permille();
        return a.net_fen() > b.net_fen();
    });
    std::int32_t place = 0;
    for (auto& line : *league.mutable_lines()) line.set_place(++place);
}

v1::SalesFlag& add_flag(v1::ListSalesFlagsResponse& response, const Row& row, const char* kind, const char* rule_zh,
                        const char* rule_en) {
    auto& flag = *response.add_flags();
    flag.set_kind(kind);
    flag.set_account_id(row.text(0));
    flag.set_rule_zh(rule_zh);
    flag.set_rule_en(rule_en);
    return flag;
}

}  // namespace

Result<v1::League> league(Database& database, const LeagueQuestion& question) {
    const auto rows = database.query(
        "SELECT g.id, g.name, g.members, coalesce(t.orders, 0), coalesce(t.paid_fen, 0), coalesce(t.back_fen, 0) FROM "
        "organisations g LEFT JOIN (SELECT o.organisation_id AS organisation_id, count(*) AS orders, sum(o.amount_fen) "
        "AS "
        "paid_fen, sum(coalesce((SELECT sum(b.amount_fen) FROM refunds f JOIN refund_lines b ON b.refund_id = f.id "
        "WHERE "
        "f.order_id = o.id AND f.decided_ms <= ?), 0)) AS back_fen FROM orders o WHERE o.organisation_id <> '' AND "
        "o.state "
        "= 2 AND o.paid_ms > ? AND o.paid_ms <= ? AND (? = '' OR o.show_id = ?) GROUP BY o.organisation_id) t ON "
        "t.organisation_id = g.id WHERE g.members > 0 OR t.orders > 0 ORDER BY g.id",
        {question.as_of_ms, question.from_ms, question.as_of_ms, question.show.str(), question.show.str()});
    if (!rows) return rows.error();
    v1::League league;
    league.set_from_ms(question.from_ms);
    league.set_as_of_ms(question.as_of_ms);
    for (const auto& row : *rows) {
        auto& line = *league.add_lines();
        line.set_organisation_id(row.text(0));
        line.set_name(row.text(1));
        line.set_members(row.integer(2));
        line.set_orders(row.integer(3));
        line.set_paid_fen(row.integer(4));
        line.set_refunded_fen(row.integer(5));
        line.set_net_fen(line.paid_fen() - line.refunded_fen());
        league.set_members(league.members() + line.members());
        if (line.members() > 0) league.set_net_fen(league.net_fen() + line.net_fen());
    }
    rank(league);
    league.set_note_zh("按单位统计，自愿参与；人数只算本单位直属的，不含另行列出的下级单位；不统计、不公布任何个人的购买。");
    league.set_note_en("By organisation, voluntary; members are an organisation's own, without those of organisations below it that have lines of their own; what a person buys is neither counted nor shown.");
    return league;
}

Result<> set_organisation_facts(Database& database, const std::string& organisation,
                                const v1::OrganisationFacts& facts) {
    const auto changed =
        database.execute("UPDATE organisations SET members = ?, households = ?, people = ? WHERE id = ?",
                         {facts.members(), facts.households(), facts.people(), organisation});
    if (!changed) return changed.error();
    if (*changed == 0) return make_error_code(Errc::not_found);
    return {};
}

Result<v1::ListSalesFlagsResponse> sales_flags(Database& database, const ShowId& show, std::int64_t as_of_ms) {
    v1::ListSalesFlagsResponse response;
    response.set_show_id(show.str());
    response.set_as_of_ms(as_of_ms);
    const auto refunds = database.query(
        "SELECT o.buyer_id, count(*), sum(f.amount_fen) FROM refunds f JOIN orders o ON o.id = f.order_id WHERE "
        "f.show_id "
        "= ? AND f.state IN (2, 3, 5) AND f.decided_ms <= ? AND o.buyer_id <> '' GROUP BY o.buyer_id HAVING count(*) "
        ">= ? "
        "ORDER BY count(*) DESC, o.buyer_id LIMIT ?",
        {show.str(), as_of_ms, refunds_min, flags_max});
    if (!refunds) return refunds.error();
    for (const auto& row : *refunds) {
        auto& flag = add_flag(response, row, "repeated_refunds", "同一买家在本场有 3 次及以上退款，请核实。",
                              "One buyer has three refunds or more in this show; look into it.");
        flag.set_refunds(row.integer(1));
        flag.set_refunded_fen(row.integer(2));
    }
    const auto bulk = database.query(
        "SELECT buyer_id, count(*), sum(amount_fen) FROM orders WHERE show_id = ? AND state = 2 AND paid_ms <= ? AND "
        "buyer_id <> '' GROUP BY buyer_id HAVING count(*) >= ? OR (sum(amount_fen) >= ? AND sum(amount_fen) * ? >= "
        "(SELECT "
        "sum(a.amount_fen) FROM orders a WHERE a.show_id = ? AND a.state = 2 AND a.paid_ms <= ?)) ORDER BY "
        "sum(amount_fen) "
        "DESC, buyer_id LIMIT ?",
        {show.str(), as_of_ms, bulk_orders_min, bulk_fen_min, bulk_part, show.str(), as_of_ms, flags_max});
    if (!bulk) return bulk.error();
    for (const auto& row : *bulk) {
        auto& flag =
            add_flag(response, row, "single_payer_bulk",
                     "同一付款人在本场有 20 单及以上，或付款满 1 万元且占全场 5% 以上，请核实是否代买或刷单。",
                     "One payer has 20 orders or more in this show, or 10,000 yuan and a twentieth of its money; look "
                     "into whether they are for others, or not meant.");
        flag.set_orders_paid(row.integer(1));
        flag.set_paid_fen(row.integer(2));
    }
    return response;
}

}  // namespace livefair::ledger
