#include "rtmp/amf0.hpp"
#include "rtmp/amf3.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::rtmp;

namespace {

template <std::size_t Size>
std::string bytes(const char (&text)[Size]) {
    return std::string(text, Size - 1);
}

AmfValue read(const std::string& value) {
    const auto values = read_amf0("\x11" + value);
    REQUIRE(values);
    REQUIRE(values->size() == 1);
    return values->front();
}

Errc error_of(const std::string& value) {
    const auto values = read_amf0("\x11" + value);
    REQUIRE_FALSE(values);
    return to_errc(values.error());
}

}  // namespace

TEST_CASE("a switch to AMF3 reads numbers, booleans and text, then AMF0 goes on", "[rtmp]") {
    CHECK(read(bytes("\x04\x7F")).number == 127);
    CHECK(read(bytes("\x04\x81\x00")).number == 128);
    CHECK(read(bytes("\x04\xFF\xFF\xFF\xFF")).number == -1);
    CHECK(read(bytes("\x05\x40\x00\x00\x00\x00\x00\x00\x00")).number == 2);
    CHECK(read(bytes("\x08\x01\x40\x00\x00\x00\x00\x00\x00\x00")).number == 2);
    CHECK(read(bytes("\x03")).boolean);
    CHECK(read(bytes("\x02")).kind == AmfValue::Kind::boolean);
    CHECK(read(bytes("\x01")).kind == AmfValue::Kind::null);
    CHECK(read(bytes("\x06\x09live")).text == "live");
    CHECK(read(bytes("\x0C\x05zz")).text == "zz");
    const auto values = read_amf0(bytes("\x02\x00\x01m\x11\x06\x03x\x05"));
    REQUIRE(values);
    REQUIRE(values->size() == 3);
    CHECK((*values)[1].text == "x");
}

TEST_CASE("AMF3 objects and arrays share names and traits by reference", "[rtmp]") {
    // An array of two objects of one class with the sealed member "app"; the second refers to traits and text of the first.
    const auto list = read(bytes("\x09\x05\x01\x0A\x13\x01\x07" "app\x06\x09live\x0A\x01\x06\x02"));
    REQUIRE(list.members.size() == 2);
    CHECK(list.members[0].value.text_of("app") == "live");
    CHECK(list.members[1].value.text_of("app") == "live");
    const auto dynamic = read(bytes("\x0A\x0B\x01\x07" "app\x06\x03x\x03n\x04\x05\x01"));
    CHECK(dynamic.text_of("app") == "x");
    CHECK(dynamic.number_of("n", 0) == 5);
    const auto itself = read(bytes("\x09\x03\x01\x09\x00"));
    REQUIRE(itself.members.size() == 1);
    CHECK(itself.members[0].value.kind == AmfValue::Kind::null);
}

TEST_CASE("hostile AMF3 is refused without much memory or stack", "[rtmp]") {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += bytes("\x09\x03\x01");
    CHECK(error_of(deep) == Errc::too_large);
    CHECK(error_of("\x09\xFF\xFF\xFF\xFF\x01" + std::string(5000, '\x01')) == Errc::too_large);
    // One long text, repeated by reference.
    const std::string long_text(2000, 't');
    auto repeated = bytes("\x09\x88\x01\x01\x06\x9F\x21") + long_text;
    for (int i = 0; i < 512; ++i) repeated += bytes("\x06\x00");
    CHECK(error_of(repeated) == Errc::too_large);
    CHECK(error_of(bytes("\x0A\xFF\xFF\xFF\xF3\x01")) == Errc::too_large);
    CHECK(error_of(bytes("\x06\x02")) == Errc::invalid_input);
    CHECK(error_of(bytes("\x09\x02")) == Errc::invalid_input);
    CHECK(error_of(bytes("\x0A\x05")) == Errc::invalid_input);
    CHECK(error_of(bytes("\x0A\x07\x01")) == Errc::unsupported);
    CHECK(error_of(bytes("\x11\x03")) == Errc::unsupported);
    CHECK(error_of(bytes("\x12")) == Errc::invalid_input);
    const auto whole = bytes("\x09\x05\x01\x0A\x13\x01\x07" "app\x06\x09live\x0A\x01\x06\x02");
    for (std::size_t length = 0; length < whole.size(); ++length) CHECK(error_of(whole.substr(0, length)) == Errc::invalid_input);
}
