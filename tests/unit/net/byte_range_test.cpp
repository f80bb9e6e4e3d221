#include "net/byte_range.hpp"

#include "support/catch.hpp"

using livefair::net::ByteRange;
using livefair::net::parse_range;
using Kind = ByteRange::Kind;

namespace {

bool is(const ByteRange& range, std::uint64_t offset, std::uint64_t length) {
    return range.kind == Kind::satisfiable && range.offset == offset && range.length == length;
}

}  // namespace

TEST_CASE("a range from the start, an open one and the last bytes are found in the body", "[net][range]") {
    CHECK(is(parse_range("bytes=0-0", 100), 0, 1));
    CHECK(is(parse_range("bytes=10-19", 100), 10, 10));
    CHECK(is(parse_range("bytes=90-", 100), 90, 10));
    CHECK(is(parse_range("bytes=-10", 100), 90, 10));
    CHECK(is(parse_range(" Bytes= 1-2 ", 100), 1, 2));
}

TEST_CASE("a range that ends beyond the body is cut to it", "[net][range]") {
    CHECK(is(parse_range("bytes=90-1000", 100), 90, 10));
    CHECK(is(parse_range("bytes=-1000", 100), 0, 100));
    CHECK(is(parse_range("bytes=0-18446744073709551615", 100), 0, 100));
    CHECK(is(parse_range("bytes=5-99999999999999999999999", 100), 5, 95));
    CHECK(is(parse_range("bytes=-99999999999999999999999", 100), 0, 100));
}

TEST_CASE("a range of which nothing lies in the body is unsatisfiable", "[net][range]") {
    for (const auto* text : {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"})
        CHECK(parse_range(text, 100).kind == Kind::unsatisfiable);
    CHECK(parse_range("bytes=0-", 0).kind == Kind::unsatisfiable);
    CHECK(parse_range("bytes=-1", 0).kind == Kind::unsatisfiable);
}

TEST_CASE("several ranges, other units and broken ones mean the whole body", "[net][range]") {
    for (const auto* text : {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=5-3", "bytes=0-1,3-4", "bytes=a-b", "bytes=0x1-2", "bytes=1-2-3",
                             "bytes=+1-2", "bytes=--1", "bytes= 1 - 2", "lines=1-2", "=0-1"}) {
        INFO(text);
        CHECK(parse_range(text, 100).kind == Kind::none);
    }
}
