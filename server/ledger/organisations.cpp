#include "ledger/organisations.hpp"

#include <livefair/v1/catalog.pb.h>

#include <algorithm>
#include <array>

#include "ledger/database.hpp"

namespace livefair::ledger {
namespace {

constexpr std::array<std::string_view, 4> levels = {"national", "province", "city", "county"};
constexpr std::string_view columns = "SELECT id, name, kind, region_code, parent_id, level FROM organisations ";

/// 0 national to 3 county.
std::size_t rank_of(const v1::Organisation& organisation) {
    return static_cast<std::size_t>(std::find(levels.begin(), levels.end(), organisation.level()) - levels.begin());
}

bool is_public(const v1::Organisation& organisation) {
    return organisation.kind() == "womens_federation" || organisation.kind() == "trade_union" ||
           organisation.kind() == "government";
}

/// Codes share their first two digits for each level: 43 12 27.
bool lies_in(const std::string& code, const v1::Organisation& parent) {
    const auto digits = rank_of(parent) * 2;
    return code.substr(0, digits) == parent.region_code().substr(0, digits);
}

TreeFault link_fault(const v1::Organisation& parent, const v1::Organisation& child) {
    if (parent.kind() == "class" || (is_public(child) && !is_public(parent))) return TreeFault::parent;
    if (is_public(child) ? rank_of(child) <= rank_of(parent) : rank_of(child) < rank_of(parent))
        return TreeFault::level;
    if (is_public(child) && !lies_in(child.region_code(), parent)) return TreeFault::place;
    return TreeFault::none;
}

v1::Organisation read(const Row& row) {
    v1::Organisation organisation;
    organisation.set_id(row.text(0));
    organisation.set_name(row.text(1));
    organisation.set_kind(row.text(2));
    organisation.set_region_code(row.text(3));
    organisation.set_parent_id(row.text(4));
    organisation.set_level(row.text(5));
    return organisation;
}

v1::Organisation with_level(v1::Organisation organisation) {
    if (organisation.level().empty()) organisation.set_level(level_of_region(organisation.region_code()));
    return organisation;
}

/// Organisations from the parent up to the root; one of `id` among them would make a cycle.
Result<TreeFault> fault_above(Database& db, const v1::Organisation& organisation, std::int64_t height) {
    const auto rows = db.query(
        "WITH RECURSIVE above(id, parent_id, depth) AS (SELECT id, parent_id, 1 FROM organisations WHERE id = ? UNION "
        "ALL "
        "SELECT o.id, o.parent_id, a.depth + 1 FROM organisations o JOIN above a ON o.id = a.parent_id WHERE a.depth "
        "<= ?) SELECT id FROM above",
        {organisation.parent_id(), organisation_depth_max});
    if (!rows) return rows.error();
    for (const Row& row : *rows)
        if (row.text(0) == organisation.id()) return TreeFault::cycle;
    const auto depth = static_cast<std::int64_t>(rows->size()) + height;
    return depth > organisation_depth_max ? TreeFault::depth : TreeFault::none;
}

/// How many levels of the tree an organisation makes up with those below it; 1 when it is new or has none.
Result<std::int64_t> height_of(Database& db, const std::string& id) {
    const auto rows = db.query(
        "WITH RECURSIVE below(id, depth) AS (SELECT id, 1 FROM organisations WHERE id = ? UNION ALL SELECT o.id, "
        "b.depth + 1 "
        "FROM organisations o JOIN below b ON o.parent_id = b.id WHERE b.depth <= ?) SELECT coalesce(max(depth), 1) "
        "FROM below",
        {id, organisation_depth_max});
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

Result<TreeFault> fault_below(Database& db, const v1::Organisation& organisation) {
    const auto children = db.query(std::string(columns) + "WHERE parent_id = ?", {organisation.id()});
    if (!children) return children.error();
    const bool all_fit = std::all_of(children->begin(), children->end(), [&](const Row& row) {
        return link_fault(organisation, read(row)) == TreeFault::none;
    });
    return all_fit ? TreeFault::none : TreeFault::child;
}

Result<> require_place(Database& db, const v1::Organisation& organisation) {
    const auto fault = tree_fault(db, organisation);
    if (!fault) return fault.error();
    if (*fault != TreeFault::none) return Errc::invalid_input;
    return {};
}

Value reference(const std::string& id) {
    return id.empty() ? Value() : Value(id);
}

}  // namespace

std::string level_of_region(const std::string& code) {
    if (code == "100000") return "national";
    if (code.ends_with("0000")) return "province";
    return code.ends_with("00") ? "city" : "county";
}

Result<TreeFault> tree_fault(Database& db, const v1::Organisation& stated) {
    const auto organisation = with_level(stated);
    const auto below = fault_below(db, organisation);
    if (!below || *below != TreeFault::none) return below;
    if (organisation.parent_id().empty()) return TreeFault::none;
    const auto parents = db.query(std::string(columns) + "WHERE id = ?", {organisation.parent_id()});
    if (!parents) return parents.error();
    if (parents->empty()) return Errc::not_found;
    const auto height = height_of(db, organisation.id());
    if (!height) return height.error();
    const auto above = fault_above(db, organisation, *height);
    if (!above || *above != TreeFault::none) return above;
    return link_fault(read(parents->front()), organisation);
}

Result<v1::ListOrganisationsResponse> list_organisations(Database& db) {
    const auto rows = db.query(std::string(columns) + "ORDER BY name, id LIMIT 1000");
    if (!rows) return rows.error();
    v1::ListOrganisationsResponse response;
    for (const Row& row : *rows) *response.add_organisations() = read(row);
    return response;
}

Result<> create_organisation(Database& db, const v1::Organisation& stated, std::int64_t now_ms) {
    const auto organisation = with_level(stated);
    if (const auto placed = require_place(db, organisation); !placed) return placed.error();
    const auto made = db.execute(
        "INSERT INTO organisations (id, name, kind, region_code, parent_id, level, created_ms) VALUES (?, ?, ?, ?, ?, "
        "?, ?)",
        {organisation.id(), organisation.name(), organisation.kind(), organisation.region_code(),
         reference(organisation.parent_id()), organisation.level(), now_ms});
    if (!made) return made.error();
    return {};
}

Result<> change_organisation(Database& db, const v1::Organisation& stated) {
    const auto organisation = with_level(stated);
    if (const auto placed = require_place(db, organisation); !placed) return placed.error();
    const auto changed = db.execute(
        "UPDATE organisations SET name = ?, kind = ?, region_code = ?, parent_id = ?, level = ? WHERE id = ?",
        {organisation.name(), organisation.kind(), organisation.region_code(), reference(organisation.parent_id()),
         organisation.level(), organisation.id()});
    if (!changed) return changed.error();
    if (*changed == 0) return Errc::not_found;
    return {};
}

}  // namespace livefair::ledger
