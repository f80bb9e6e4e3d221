#include "ledger/postgres_values.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace livefair::ledger;

namespace {

/// PostgreSQL's numbers of types (pg_type.dat).
constexpr unsigned boolean = 16, int8 = 20, int2 = 21, int4 = 23, text = 25, float8 = 701, varchar = 1043, numeric = 1700;

}  // namespace

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
    CHECK(copy->sql == "COPY t (a, b, c, d) FROM STDIN (FORMAT binary)");
    CHECK(copy->select == "SELECT a, b, c, d FROM t LIMIT 0");
    CHECK(copy->items == std::vector<std::optional<Value>>{{}, Value("placed"), Value(std::int64_t{1}), {}});
    CHECK(copy_in("INSERT INTO t VALUES (?)")->sql == "COPY t FROM STDIN (FORMAT binary)");
    CHECK(copy_in("INSERT INTO t VALUES (?)")->select == "SELECT * FROM t LIMIT 0");
    CHECK(copy_in("INSERT INTO t VALUES (9223372036854775807)"));
    CHECK_FALSE(copy_in("INSERT INTO t VALUES (9223372036854775808)"));
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

TEST_CASE("COPY knows columns of integers and texts, as many as a row has values, and no others", "[ledger]") {
    auto copy = postgres::copy_in("INSERT INTO t VALUES (?, 'x', ?, 7, ?)").value();
    CHECK(copy.take_types({int8, text, int4, int2, varchar}));
    CHECK_FALSE(copy.take_types({int8, text, int4, int2}));
    CHECK_FALSE(copy.take_types({int8, text, int4, int2, varchar, text}));
    CHECK_FALSE(copy.take_types({int8, text, int4, int2, float8}));
}

TEST_CASE("a row of COPY is how many columns it has, and each one's length and bytes", "[ledger]") {
    auto copy = postgres::copy_in("INSERT INTO t VALUES (?, 'pl', ?, 7, ?)").value();
    REQUIRE(copy.take_types({int8, text, int4, int2, varchar}));
    std::string bytes;
    REQUIRE(postgres::add_copy_row(bytes, copy, std::vector<ValueView>{std::int64_t{-2}, std::int64_t{258}, "a\tb"}));
    using namespace std::string_literals;
    CHECK(bytes == "\0\5" "\0\0\0\x8\xff\xff\xff\xff\xff\xff\xff\xfe" "\0\0\0\2pl" "\0\0\0\4\0\0\1\2" "\0\0\0\2\0\7" "\0\0\0\3a\tb"s);
    bytes.clear();
    REQUIRE(postgres::add_copy_row(bytes, copy, std::vector<ValueView>{std::monostate(), std::monostate(), ""}));
    CHECK(bytes == "\0\5" "\xff\xff\xff\xff" "\0\0\0\2pl" "\xff\xff\xff\xff" "\0\0\0\2\0\7" "\0\0\0\0"s);
}

TEST_CASE("a value that its column can't hold is no row of COPY", "[ledger]") {
    const auto holds = [](unsigned type, ValueView value) {
        auto copy = postgres::copy_in("INSERT INTO t VALUES (?)").value();
        REQUIRE(copy.take_types({type}));
        std::string bytes;
        return postgres::add_copy_row(bytes, copy, std::vector<ValueView>{value});
    };
    using Limits32 = std::numeric_limits<std::int32_t>;
    using Limits16 = std::numeric_limits<std::int16_t>;
    CHECK(holds(int8, std::numeric_limits<std::int64_t>::min()));
    CHECK(holds(int4, std::int64_t{Limits32::max()}));
    CHECK(holds(int4, std::int64_t{Limits32::min()}));
    CHECK_FALSE(holds(int4, std::int64_t{Limits32::max()} + 1));
    CHECK_FALSE(holds(int4, std::int64_t{Limits32::min()} - 1));
    CHECK(holds(int2, std::int64_t{Limits16::max()}));
    CHECK(holds(int2, std::int64_t{Limits16::min()}));
    CHECK_FALSE(holds(int2, std::int64_t{Limits16::max()} + 1));
    CHECK_FALSE(holds(int2, std::int64_t{Limits16::min()} - 1));
    CHECK_FALSE(holds(text, std::int64_t{1}));
    CHECK_FALSE(holds(int8, "1"));
}

TEST_CASE("texts are one array, whatever they are", "[ledger]") {
    CHECK(postgres::text_array(std::vector<std::string>{"a\"b\\c", ""}) == R"({"a\"b\\c",""})");
    CHECK(postgres::text_array({}) == "{}");
}

TEST_CASE("columns are integers of 64 bits or texts, or nothing the ledger knows", "[ledger]") {
    using postgres::read_value;
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
    // Bytes of another length than the type has: the table is not what it was, whatever the row.
    CHECK(trouble_of("22P03") == Trouble::other);
    CHECK(trouble_of("40001") == Trouble::crossed);
    CHECK(trouble_of("40P01") == Trouble::crossed);
    CHECK(trouble_of("57P01") == Trouble::lost);
    CHECK(trouble_of("08006") == Trouble::lost);
    CHECK(trouble_of("40003") == Trouble::other);
    CHECK(trouble_of("53100") == Trouble::other);
    CHECK(trouble_of("") == Trouble::other);
}
