#include "ledger/database.hpp"

#include "base/check.hpp"
#include "ledger/postgres_database.hpp"
#include "ledger/sqlite_database.hpp"

namespace livefair::ledger {

ValueView view_of(const Value& value) {
    return std::visit([](const auto& held) -> ValueView { return held; }, value);
}

std::vector<ValueView> views_of(const std::vector<Value>& values) {
    std::vector<ValueView> views;
    views.reserve(values.size());
    for (const auto& value : values) views.push_back(view_of(value));
    return views;
}

bool Row::is_null(std::size_t column) const {
    LF_CHECK(column < values_.size());
    return std::holds_alternative<std::monostate>(values_[column]);
}

std::int64_t Row::integer(std::size_t column) const {
    if (is_null(column)) return 0;
    const auto* value = std::get_if<std::int64_t>(&values_[column]);
    LF_CHECK(value != nullptr);
    return *value;
}

const std::string& Row::text(std::size_t column) const {
    static const std::string empty;
    if (is_null(column)) return empty;
    const auto* value = std::get_if<std::string>(&values_[column]);
    LF_CHECK(value != nullptr);
    return *value;
}

boost::system::error_code Database::failed(Trouble trouble, std::string text) {
    trouble_ = trouble;
    error_text_ = std::move(text);
    return make_error_code(trouble == Trouble::rule ? Errc::conflict : Errc::ledger_unavailable);
}

Result<std::int64_t> Database::execute_rows(std::string_view sql, const std::vector<std::vector<Value>>& rows) {
    return execute_rows(sql, rows.size(), [&](std::size_t i, std::vector<ValueView>& row) {
        for (const auto& value : rows[i]) row.push_back(view_of(value));
    });
}

Result<std::unique_ptr<Database>> Database::open(const std::string& location, Mode mode, const Options& options,
                                                 std::string* why) {
    std::string unread;
    std::string& reason = why == nullptr ? unread : *why;
    if (is_postgres(location)) return open_postgres(location, mode, options.timeline, reason);
    return open_sqlite(location, mode, options.wal_bytes_max, reason);
}

}  // namespace livefair::ledger
