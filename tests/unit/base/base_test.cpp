#include <catch2/catch.hpp>
#include <limits>

#include "base/bytes.hpp"
#include "base/errc.hpp"
#include "base/id.hpp"
#include "base/metrics.hpp"
#include "base/money.hpp"
#include "base/random.hpp"

using namespace livefair;

TEST_CASE("an id takes letters, digits, dash and underscore and nothing that means something to Redis or a path", "[base]") {
    CHECK(RoomId::parse("hunan-2020_A").has_value());
    for (const auto* bad : {"", "a b", "a/b", "a{b}", "a*", "é", "..", "a\n"}) CHECK(RoomId::parse(bad).has_error());
    CHECK(RoomId::parse(std::string(64, 'a')).has_value());
    CHECK(RoomId::parse(std::string(65, 'a')).has_error());
}

TEST_CASE("money refuses a sum or a product that overflows", "[base]") {
    const Fen most(std::numeric_limits<std::int64_t>::max());
    CHECK(most.plus(Fen(1)).error() == Errc::too_large);
    CHECK(most.times(2).error() == Errc::too_large);
    CHECK(Fen(1250).times(3)->value() == 3750);
    CHECK(to_yuan_text(Fen(1234)) == "¥12.34");
    CHECK(to_yuan_text(Fen(-5)) == "-¥0.05");
    CHECK(to_yuan_text(Fen(std::numeric_limits<std::int64_t>::min())) == "-¥92233720368547758.08");
}

TEST_CASE("a byte reader never reads past the end", "[base]") {
    ByteReader reader(std::string_view("\x01\x02\x03\xff", 4));
    CHECK(*reader.big_endian(3) == 0x010203);
    CHECK(reader.big_endian(2).has_error());
    CHECK(reader.left() == 1);
    CHECK(*reader.take(1) == "\xff");
    CHECK(reader.take(1).has_error());
}

TEST_CASE("every error has its own name", "[base]") {
    CHECK(to_string(Errc::internal) == "internal");
    CHECK(to_string(Errc::redis_unknown) == "redis_unknown");
    CHECK(make_error_code(Errc::bad_key).message() == "bad_key");
    CHECK(to_errc(boost::system::error_code()) == Errc::internal);
}

TEST_CASE("random texts are hex of the asked length and differ", "[base]") {
    CHECK(random_hex(16).size() == 32);
    CHECK(random_hex(16) != random_hex(16));
}

TEST_CASE("metrics come out in Prometheus' text format", "[base]") {
    metrics::counter("livefair_test_total", "A test.").add(2);
    CHECK(metrics::to_text().find("livefair_test_total 2") != std::string::npos);
}
