#include "ledger/postgres_values.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace livefair::ledger;

TEST_CASE("question marks become numbers, but not in texts, names and comments", "[ledger]") {
    using postgres::number_parameters;
    CHECK(number_parameters("SELECT ? + ?").sql == "SELECT $1 + $2");
    CHECK(number_parameters("SELECT ? + ?").parameters == 2);
    CHECK(number_parameters("a = 'why?' AND b = 'it''s ?' AND \"c?\" = ? -- ?\n OR ?").sql ==
          "a = 'why?' AND b = 'it''s ?' AND \"c?\" = $1 -- ?\n OR $2");
    CHECK(number_parameters("'?").sql == "'?");
    CHECK(number_parameters("-- ?").parameters == 0);
    CHECK(number_parameters("").sql.empty());
    std::string many;
    for (int i = 0; i < 12; ++i) many += '?';
    CHECK(number_parameters(many).sql == "$1$2$3$4$5$6$7$8$9$10$11$12");
}

TEST_CASE("an INSERT of parameters and plain constants takes arrays of rows, any other statement does not", "[ledger]") {
    using postgres::insert_from_arrays;
    CHECK(insert_from_arrays("INSERT INTO t (a, b) VALUES (?, ?)", "12") ==
          "INSERT INTO t (a, b) SELECT c0, c1 FROM unnest(CAST(? AS BIGINT[]), CAST(? AS TEXT[])) AS rows (c0, c1)");
    CHECK(insert_from_arrays("INSERT INTO t VALUES (?,'placed', 1) ON CONFLICT DO NOTHING", "2") ==
          "INSERT INTO t SELECT c0, 'placed', 1 FROM unnest(CAST(? AS TEXT[])) AS rows (c0) ON CONFLICT DO NOTHING");
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES (?, ?)", "20"));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES (?, ?)", "2"));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES (?, (SELECT ?))", "22"));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES (?, 'a, b')", "2"));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES (?, 'it''s')", "2"));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES (?, now())", "2"));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES ('a')", ""));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES ()", ""));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES (?) ON CONFLICT (a) DO UPDATE SET b = ?", "22"));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t VALUES (?) ON CONFLICT (a) DO UPDATE SET b = 1", "2"));
    CHECK_FALSE(insert_from_arrays("UPDATE t SET a = ?", "2"));
    CHECK_FALSE(insert_from_arrays("INSERT INTO t SELECT ?", "2"));
}

TEST_CASE("a column of many rows is an array as PostgreSQL writes it", "[ledger]") {
    const std::vector<std::vector<Value>> rows{{std::int64_t{-1}, std::string("a\"b\\c")}, {std::int64_t{2}, std::string()}};
    CHECK(postgres::column_array(rows, 0) == "{-1,2}");
    CHECK(postgres::column_array(rows, 1) == R"({"a\"b\\c",""})");
    CHECK(postgres::text_array({}) == "{}");
}

TEST_CASE("columns are integers of 64 bits or texts, or nothing the ledger knows", "[ledger]") {
    using postgres::read_value;
    constexpr unsigned boolean = 16, int8 = 20, text = 25, numeric = 1700, float8 = 701;
    CHECK(read_value(int8, "-9223372036854775808") == Value(std::numeric_limits<std::int64_t>::min()));
    CHECK(read_value(numeric, "9223372036854775807") == Value(std::numeric_limits<std::int64_t>::max()));
    CHECK(read_value(boolean, "t") == Value(std::int64_t{1}));
    CHECK(read_value(boolean, "f") == Value(std::int64_t{0}));
    CHECK(read_value(text, "12") == Value(std::string("12")));
    CHECK_FALSE(read_value(numeric, "9223372036854775808"));
    CHECK_FALSE(read_value(numeric, "1.5"));
    CHECK_FALSE(read_value(numeric, "NaN"));
    CHECK_FALSE(read_value(float8, "1"));
}

TEST_CASE("what PostgreSQL says is a broken rule, a transaction to do again, a lost connection, or something else",
          "[ledger]") {
    using postgres::trouble_of;
    CHECK(trouble_of("23505") == Trouble::rule);
    CHECK(trouble_of("23514") == Trouble::rule);
    CHECK(trouble_of("22021") == Trouble::rule);
    CHECK(trouble_of("40001") == Trouble::crossed);
    CHECK(trouble_of("40P01") == Trouble::crossed);
    CHECK(trouble_of("57P01") == Trouble::lost);
    CHECK(trouble_of("08006") == Trouble::lost);
    CHECK(trouble_of("40003") == Trouble::other);
    CHECK(trouble_of("53100") == Trouble::other);
    CHECK(trouble_of("") == Trouble::other);
}
