#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace livefair::bench {

/// The demo show: modelled on the evening of 30 June 2020 on which the chairs of Hunan's fourteen city and prefecture women's
/// federations sold their cities' products in turn. Places are real; people, suppliers, prices and stock are invented.
inline constexpr std::string_view evening_room = "hunan";
inline constexpr std::string_view evening_show = "hunan-evening";
inline constexpr std::string_view evening_title = "出手吧，姐姐！十四市州好物专场（演示）";
inline constexpr std::string_view evening_flash_offer = "hunan-flash";
inline constexpr std::string_view evening_bundle_offer = "hunan-bundle";

/// A room for trials with an encoder of one's own.
inline constexpr std::string_view studio_room = "studio";
inline constexpr std::string_view studio_show = "studio-trial";

/// One city or prefecture: its federation, its host, its product. Ids are made of `region_code`.
struct City {
    std::string region_code;  ///< GB/T 2260.
    std::string name;
    std::string federation;
    std::string host_name;
    std::string host_title;
    std::string product;
    std::string unit;
    std::int64_t net_weight_g;
    std::int64_t price_fen;
    std::int64_t stock;
    std::string county;       ///< Where the product comes from, inside the city; it counts for the city.
    std::string origin_name;  ///< The city as people say it.

    std::string organisation_id() const { return "womens-federation-" + region_code; }
    std::string host_id() const { return "host-" + region_code; }
    std::string product_id() const { return "product-" + region_code; }
    std::string segment_id() const { return "segment-" + region_code; }
    std::string stock_id() const { return "stock-" + region_code; }
    std::string offer_id() const { return "offer-" + region_code; }
};

/// In the order of the show.
const std::vector<City>& evening_cities();

}  // namespace livefair::bench
