#include "ledger/samples.hpp"

#include <livefair/v1/order.pb.h>

#include <algorithm>
#include <map>

#include "ledger/database.hpp"

namespace livefair::ledger {
namespace {

constexpr std::int64_t step_ms_min = 10'000;
constexpr std::int64_t points_max = 400;

struct Span {
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;
};

/// From the first to the last moment that has anything to show.
Result<Span> span_of_show(Database& db, const ShowId& show) {
    const auto rows = db.query(
        "SELECT min(at_ms), max(at_ms) FROM ("
        " SELECT at_ms FROM samples WHERE show_id = ?"
        " UNION ALL SELECT placed_ms FROM orders WHERE show_id = ?"
        " UNION ALL SELECT paid_ms FROM orders WHERE show_id = ? AND state = 2) AS moments",
        {show.str(), show.str(), show.str()});
    if (!rows) return rows.error();
    return Span{rows->front().integer(0), rows->front().integer(1)};
}

using Points = std::map<std::int64_t, v1::CurvePoint>;

/// Runs a query of (slot, number, number) and hands each row to `put` with its point.
template <class Put>
Result<> collect(Database& db, Points& points, std::string_view sql, const ShowId& show, std::int64_t step_ms, Put put) {
    const auto rows = db.query(sql, {step_ms, step_ms, show.str()});
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
        auto& point = points[row.integer(0)];
        point.set_at_ms(row.integer(0));
        put(point, row.integer(1), row.integer(2));
    }
    return {};
}

}  // namespace

Result<> add_samples(Database& db, const std::vector<Sample>& samples) {
    for (const auto& sample : samples) {
        const auto added = db.execute(
            "INSERT INTO samples (show_id, at_ms, viewers, chat_lines, views, people, viewers_most, watched_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            {sample.show.str(), sample.at_ms, sample.viewers, sample.chat_lines, sample.views, sample.people, sample.viewers_most,
             sample.watched_ms});
        if (!added) return added.error();
    }
    return {};
}

Result<std::int64_t> chat_lines_of_show(Database& db, const ShowId& show) {
    const auto rows = db.query("SELECT sum(chat_lines) FROM samples WHERE show_id = ?", {show.str()});
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

Result<v1::ShowCurve> curve_of_show(Database& db, const ShowId& show) {
    const auto span = span_of_show(db, show);
    if (!span) return span.error();
    const auto step_ms = std::max(step_ms_min, ((span->last_ms - span->first_ms) / points_max / step_ms_min + 1) * step_ms_min);
    Points points;
    const auto sampled = collect(db, points,
                                 "SELECT at_ms / ? * ? AS slot, max(viewers), sum(chat_lines) FROM samples"
                                 " WHERE show_id = ? GROUP BY slot",
                                 show, step_ms, [](v1::CurvePoint& point, std::int64_t viewers, std::int64_t chat_lines) {
                                     point.set_viewers(viewers);
                                     point.set_chat_lines(chat_lines);
                                 });
    if (!sampled) return sampled.error();
    const auto placed = collect(db, points,
                                "SELECT placed_ms / ? * ? AS slot, count(*), 0 FROM orders"
                                " WHERE show_id = ? AND state IN (1, 2) AND kind <> 4 GROUP BY slot",
                                show, step_ms, [](v1::CurvePoint& point, std::int64_t orders, std::int64_t) { point.set_orders(orders); });
    if (!placed) return placed.error();
    const auto paid = collect(db, points,
                              "SELECT paid_ms / ? * ? AS slot, sum(amount_fen), 0 FROM orders"
                              " WHERE show_id = ? AND state = 2 GROUP BY slot",
                              show, step_ms, [](v1::CurvePoint& point, std::int64_t fen, std::int64_t) { point.set_paid_fen(fen); });
    if (!paid) return paid.error();

    v1::ShowCurve curve;
    curve.set_show_id(show.str());
    curve.set_step_ms(step_ms);
    for (auto& [at_ms, point] : points) curve.add_points()->Swap(&point);
    return curve;
}

Result<> beat(Database& db, std::int64_t now_ms) {
    const auto changed = db.execute("UPDATE heartbeat SET at_ms = ? WHERE id = 1", {now_ms});
    if (!changed) return changed.error();
    return {};
}

}  // namespace livefair::ledger
