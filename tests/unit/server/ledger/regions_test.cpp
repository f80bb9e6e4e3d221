#include "ledger/regions.hpp"

#include <livefair/v1/supply.pb.h>

#include <map>

#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;
using ledger::CodeFault;

namespace {

constexpr std::int64_t in_2020 = 1'600'000'000'000, in_2021 = 1'625'000'000'000, in_2026 = 1'795'000'000'000;

CodeFault fault(ledger::Database& db, const std::string& code, std::int64_t at_ms) {
    return ledger::check_code(db, code, at_ms).value().fault;
}

v1::Region region(const std::string& code, const std::string& parent, std::int64_t until_ms = 0) {
    v1::Region made;
    made.set_code(code);
    made.set_name("新区");
    made.set_parent_code(parent);
    made.set_valid_until_ms(until_ms);
    return made;
}

}  // namespace

TEST_CASE("a code holds from its begin to its end: 旬阳 became a city in 2021", "[ledger]") {
    test::FreshDatabase db;
    CHECK(fault(*db, "610928", in_2020) == CodeFault::none);
    CHECK(fault(*db, "610981", in_2020) == CodeFault::not_yet);
    CHECK(fault(*db, "610928", in_2021) == CodeFault::none);
    CHECK(fault(*db, "610981", in_2021) == CodeFault::none);
    CHECK(fault(*db, "610928", in_2026) == CodeFault::ended);
    CHECK(fault(*db, "610981", in_2026) == CodeFault::none);
    const auto ended = ledger::check_code(*db, "610928", in_2026).value();
    CHECK(ended.name == "旬阳县");
    CHECK(fault(*db, "610928", ended.since_ms - 1) == CodeFault::none);
    CHECK(fault(*db, "610928", ended.since_ms) == CodeFault::ended);
    CHECK(fault(*db, "999999", in_2026) == CodeFault::unknown);
}

TEST_CASE("the list has the whole country, level by level, and the places of the events", "[ledger]") {
    test::FreshDatabase db;
    const auto provinces = ledger::list_regions(*db, "100000", in_2026).value();
    CHECK(provinces.regions_size() == 34);
    int cities = 0, counties = 0;
    for (const auto& province : provinces.regions()) {
        const auto below = ledger::list_regions(*db, province.code(), in_2026).value();
        for (const auto& place : below.regions()) {
            CHECK(place.code().substr(0, 2) == province.code().substr(0, 2));
            (place.code().ends_with("00") ? cities : counties) += 1;
            counties += ledger::list_regions(*db, place.code(), in_2026)->regions_size();
        }
    }
    CHECK(cities == 337);
    CHECK(counties > 2900);
    const std::map<std::string, std::string> events = {{"431227", "新晃侗族自治县"},
                                                       {"341321", "砀山县"},
                                                       {"360921", "奉新县"},
                                                       {"610523", "大荔县"},
                                                       {"610124", "周至县"},
                                                       {"610921", "汉阴县"},
                                                       {"610827", "米脂县"},
                                                       {"610926", "平利县"},
                                                       {"610924", "紫阳县"},
                                                       {"610729", "留坝县"},
                                                       {"610430", "淳化县"},
                                                       {"522324", "晴隆县"},
                                                       {"430529", "城步苗族自治县"},
                                                       {"530823", "景东彝族自治县"},
                                                       {"532625", "马关县"},
                                                       {"140425", "平顺县"},
                                                       {"371083", "乳山市"},
                                                       {"652828", "和硕县"},
                                                       {"652822", "轮台县"},
                                                       {"652801", "库尔勒市"},
                                                       {"511000", "内江市"},
                                                       {"431200", "怀化市"},
                                                       {"652800", "巴音郭楞蒙古自治州"},
                                                       {"341300", "宿州市"},
                                                       {"511124", "井研县"}};
    for (const auto& [code, name] : events) {
        const auto known = ledger::check_code(*db, code, in_2026).value();
        CHECK(known.fault == CodeFault::none);
        CHECK(known.name == name);
    }
}

TEST_CASE("places are added or ended, below a parent that is known", "[ledger]") {
    test::FreshDatabase db;
    CHECK(ledger::put_regions(*db, {region("439001", "439000")}).error() == Errc::not_found);
    CHECK(ledger::put_regions(*db, {region("439000", "430000"), region("439001", "439000")}).has_value());
    CHECK(fault(*db, "439001", in_2026) == CodeFault::none);
    CHECK(ledger::put_regions(*db, {region("439001", "439000", in_2021)}).has_value());
    CHECK(fault(*db, "439001", in_2026) == CodeFault::ended);
    CHECK(ledger::list_regions(*db, "439000", in_2026)->regions_size() == 0);
    CHECK(ledger::list_regions(*db, "439000", in_2020)->regions_size() == 1);
}
