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

TEST_CASE("an INSERT of parameters and plain constants is a COPY, any other statement is not", "[ledger]") {
    using postgres::copy_in;
    const auto copy = copy_in("INSERT INTO t (a, b, c, d) VALUES (?,'placed', 1, ?)");
    REQUIRE(copy);
    CHECK(copy->sql == "COPY t (a, b, c, d) FROM STDIN");
    CHECK(copy->items == std::vector<std::optional<std::string>>{{}, "placed", "1", {}});
    CHECK(copy_in("INSERT INTO t VALUES (?)")->sql == "COPY t FROM STDIN");
    CHECK_FALSE(copy_in("INSERT INTO t VALUES (?, (SELECT ?))"));
    CHECK_FALSE(copy_in("INSERT INTO t VALUES (?, 'a, b')"));
    CHECK_FALSE(copy_in("INSERT INTO t VALUES (?, 'it''s')"));
    CHECK_FALSE(copy_in("INSERT INTO t VALUES (?, now())"));
    CHECK_FALSE(copy_in("INSERT INTO t VALUES (?), (?)"));
    CHECK_FALSE(copy_in("INSERT INTO t VALUES ()"));
    CHECK_FALSE(copy_in("INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING"));
    CHECK_FALSE(copy_in("INSERT INTO t VALUES (?) ON CONFLICT (a) DO UPDATE SET b = (1)"));
    CHECK_FALSE(copy_in("UPDATE t SET a = ?"));
    CHECK_FALSE(copy_in("INSERT INTO t SELECT ?"));
}

TEST_CASE("a row is a line of COPY, whatever its texts are", "[ledger]") {
    const auto copy = postgres::copy_in("INSERT INTO t VALUES (?, 'pla\\ced', ?, 7, ?)").value();
    std::string lines;
    postgres::add_copy_line(lines, copy, std::vector<ValueView>{std::int64_t{-1}, "a\tb\\c\nd\r|", {}});
    postgres::add_copy_line(lines, copy, std::vector<ValueView>{"\\.", "\\N", ""});
    CHECK(lines == "-1\tpla\\\\ced\ta\\tb\\\\c\\nd\\r|\t7\t\\N\n\\\\.\tpla\\\\ced\t\\\\N\t7\t\n");
    CHECK(postgres::text_array(std::vector<std::string>{"a\"b\\c", ""}) == R"({"a\"b\\c",""})");
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
