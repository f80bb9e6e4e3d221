#include <array>

#include "api/api.hpp"
#include "api/handlers.hpp"

namespace livefair::api {
namespace {

using auth::Action;

// The action of anyone, provider and pay_page means nothing; signed_in needs one that every viewer may do.
// clang-format off
constexpr auto table = std::to_array<Route>({
    {"POST", "/api/v1/auth/code", Access::anyone, Action::buy, request_code},
    {"POST", "/api/v1/auth/sign-in", Access::anyone, Action::buy, sign_in},
    {"POST", "/api/v1/auth/staff", Access::anyone, Action::buy, sign_in_staff},
    {"POST", "/api/v1/auth/sign-out", Access::signed_in, Action::buy, sign_out},
    {"GET", "/api/v1/me", Access::signed_in, Action::buy, get_me},
    {"GET", "/api/v1/sessions", Access::signed_in, Action::buy, list_sessions},
    {"DELETE", "/api/v1/sessions/{id}", Access::signed_in, Action::buy, end_session},
    {"POST", "/api/v1/staff", Access::site, Action::manage_site, create_staff},
    {"POST", "/api/v1/grants", Access::site, Action::manage_site, add_grant},

    {"GET", "/api/v1/organisations", Access::anyone, Action::buy, list_organisations},
    {"POST", "/api/v1/organisations", Access::site, Action::manage_site, create_organisation},
    {"POST", "/api/v1/organisations/{organisation}", Access::site, Action::manage_site, change_organisation},
    {"GET", "/api/v1/hosts", Access::anyone, Action::buy, list_hosts},
    {"POST", "/api/v1/hosts", Access::site, Action::manage_site, create_host},
    {"GET", "/api/v1/products", Access::anyone, Action::buy, list_products},
    {"POST", "/api/v1/products", Access::site, Action::manage_site, create_product},
    {"POST", import_path, Access::site, Action::manage_site, import_products},
    {"POST", "/api/v1/products/{product}", Access::site, Action::manage_site, change_product},
    {"GET", "/api/v1/products/export", Access::site, Action::manage_site, export_products},
    {"GET", "/api/v1/regions", Access::anyone, Action::buy, list_regions},
    {"POST", "/api/v1/regions", Access::site, Action::manage_site, put_regions},
    {"GET", "/api/v1/suppliers", Access::site, Action::manage_site, list_suppliers},
    {"POST", "/api/v1/suppliers", Access::site, Action::manage_site, apply_as_supplier},
    {"GET", "/api/v1/suppliers/{supplier}", Access::site, Action::manage_site, get_supplier},
    {"POST", "/api/v1/suppliers/{supplier}/state", Access::site, Action::manage_site, set_supplier_state},

    {"GET", "/api/v1/shows", Access::anyone, Action::buy, list_shows},
    {"POST", "/api/v1/shows", Access::site, Action::manage_site, create_show},
    {"GET", "/api/v1/shows/{show}", Access::anyone, Action::buy, get_show},
    {"POST", "/api/v1/shows/{show}/state", Access::of_show, Action::set_show_state, set_show_state},
    {"POST", "/api/v1/shows/{show}/access", Access::of_show, Action::edit_show, set_show_access},
    {"POST", "/api/v1/shows/{show}/segments", Access::of_show, Action::edit_show, create_segment},
    {"GET", "/api/v1/shows/{show}/totals", Access::of_show, Action::see_totals, get_totals},
    {"GET", "/api/v1/shows/{show}/totals/{dimension}", Access::of_show, Action::see_totals, get_sales_totals},
    {"GET", "/api/v1/shows/{show}/totals/{dimension}/orders", Access::of_show, Action::see_totals, list_sales_orders},
    {"GET", "/api/v1/shows/{show}/flags", Access::of_show, Action::refund, list_sales_flags},
    {"GET", "/api/v1/league", Access::site, Action::manage_site, get_league},
    {"POST", "/api/v1/organisations/{organisation}/facts", Access::site, Action::manage_site, set_organisation_facts},
    {"GET", "/api/v1/reconciliations", Access::site, Action::manage_site, list_reconciliations},
    {"GET", "/api/v1/shows/{show}/statement", Access::of_show, Action::see_totals, get_statement},
    {"GET", "/api/v1/shows/{show}/curve", Access::of_show, Action::see_totals, get_curve},
    {"GET", "/api/v1/shows/{show}/questions", Access::anyone, Action::buy, list_questions},
    {"GET", "/api/v1/rooms/{room}/show", Access::anyone, Action::buy, get_show_of_room},
    {"POST", "/api/v1/rooms/{room}/stream-key", Access::of_room, Action::make_stream_key, create_stream_key},
    {"POST", "/api/v1/rooms/{room}/publisher/give-back", Access::of_room, Action::make_stream_key, give_publisher_back},
    {"GET", "/api/v1/rooms/{room}/push-targets", Access::of_room, Action::push_on, list_push_targets},
    {"POST", "/api/v1/rooms/{room}/push-targets", Access::of_room, Action::push_on, add_push_target},
    {"DELETE", "/api/v1/rooms/{room}/push-targets/{id}", Access::of_room, Action::push_on, remove_push_target},
    {"GET", "/api/v1/rooms/{room}/media-token", Access::of_room, Action::watch_private, make_media_token},
    {"POST", "/api/v1/rooms/{room}/playing", Access::anyone, Action::buy, take_playing},
    {"GET", "/api/v1/rooms/{room}/history", Access::anyone, Action::buy, get_history},
    {"GET", "/api/v1/rooms/{room}/actions", Access::of_room, Action::moderate, list_actions},
    {"GET", "/api/v1/dashboard", Access::site, Action::manage_site, get_dashboard},

    {"GET", "/api/v1/products/{product}/inventory", Access::site, Action::manage_site, get_inventory},
    {"POST", "/api/v1/products/{product}/inventory", Access::site, Action::manage_site, state_inventory},
    {"GET", "/api/v1/funds", Access::site, Action::manage_site, list_funds},
    {"POST", "/api/v1/funds", Access::site, Action::manage_site, create_fund},
    {"GET", "/api/v1/shows/{show}/funds", Access::of_show, Action::see_totals, list_fund_pools},
    {"GET", "/api/v1/shows/{show}/funds/{fund}/changes", Access::of_show, Action::see_totals, list_fund_pool_changes},
    {"POST", "/api/v1/shows/{show}/funds/{fund}/changes", Access::of_show, Action::manage_site, change_fund_pool},
    {"GET", "/api/v1/shows/{show}/stocks", Access::of_show, Action::see_totals, list_stocks},
    {"POST", "/api/v1/shows/{show}/stocks", Access::of_show, Action::edit_show, create_stock},
    {"GET", "/api/v1/shows/{show}/stocks/{stock}/changes", Access::of_show, Action::see_totals, list_stock_changes},
    {"POST", "/api/v1/shows/{show}/stocks/{stock}/changes", Access::of_show, Action::edit_show, change_stock},
    {"POST", "/api/v1/shows/{show}/offers", Access::of_show, Action::edit_show, create_offer},
    {"POST", "/api/v1/shows/{show}/offers/{offer}", Access::of_show, Action::edit_show, change_offer},
    {"GET", "/api/v1/shows/{show}/offers/{offer}/versions/{version}", Access::anyone, Action::buy, get_offer_version},
    {"POST", "/api/v1/shows/{show}/offers/{offer}/open", Access::of_show, Action::run_sale, open_offer},
    {"POST", "/api/v1/shows/{show}/offers/{offer}/close", Access::of_show, Action::run_sale, close_offer},

    {"GET", "/api/v1/shows/{show}/orders", Access::of_show, Action::fulfil, list_orders_of_show},
    {"GET", "/api/v1/shows/{show}/orders/{order}/history", Access::of_show, Action::fulfil, get_order_history},
    {"POST", "/api/v1/shows/{show}/orders/{order}/address", Access::of_show, Action::fulfil, look_at_address},
    {"POST", "/api/v1/shows/{show}/ship-out", Access::of_show, Action::fulfil, make_ship_out_list},
    {"POST", "/api/v1/shows/{show}/stall-orders", Access::of_show, Action::run_sale, enter_stall_order},
    {"POST", "/api/v1/shows/{show}/gift-orders", Access::of_show, Action::edit_show, give_goods},
    {"POST", "/api/v1/shows/{show}/quotes", Access::of_show, Action::edit_show, create_quote},
    {"GET", "/api/v1/shows/{show}/quotes", Access::of_show, Action::fulfil, list_quotes},
    {"POST", "/api/v1/shows/{show}/quotes/{quote}/withdraw", Access::of_show, Action::edit_show, withdraw_quote},
    {"POST", "/api/v1/shows/{show}/quotes/{quote}/order", Access::of_show, Action::edit_show, order_by_quote},
    {"POST", "/api/v1/shows/{show}/orders/{order}/paid", Access::of_show, Action::refund, note_paid},
    {"POST", "/api/v1/shows/{show}/orders/{order}/release", Access::of_show, Action::refund, release_direct_order},
    {"GET", "/api/v1/shows/{show}/orders/{order}/certificate", Access::of_show, Action::fulfil, get_certificate},
    {"POST", "/api/v1/shows/{show}/intents", Access::of_show, Action::edit_show, create_intent},
    {"GET", "/api/v1/shows/{show}/intents", Access::of_show, Action::fulfil, list_intents},
    {"POST", "/api/v1/shows/{show}/intents/{intent}/withdraw", Access::of_show, Action::edit_show, withdraw_intent},
    {"POST", "/api/v1/agreements", Access::site, Action::manage_site, create_agreement},
    {"GET", "/api/v1/agreements", Access::site, Action::manage_site, list_agreements},
    {"POST", "/api/v1/agreements/{agreement}/sign", Access::site, Action::manage_site, sign_agreement},
    {"POST", "/api/v1/agreements/{agreement}/end", Access::site, Action::manage_site, end_agreement},
    {"GET", "/api/v1/personal-looks", Access::site, Action::manage_site, list_personal_looks},
    {"POST", "/api/v1/shows/{show}/orders/{order}/pack", Access::of_show, Action::fulfil, pack_order},
    {"POST", "/api/v1/shows/{show}/orders/{order}/ship", Access::of_show, Action::fulfil, ship_order},
    {"POST", "/api/v1/shows/{show}/orders/{order}/done", Access::of_show, Action::fulfil, finish_order},
    {"GET", "/api/v1/shows/{show}/orders/{order}/consignees", Access::of_show, Action::fulfil, list_consignees},
    {"POST", "/api/v1/shows/{show}/orders/{order}/consignees/{position}/ship", Access::of_show, Action::fulfil, ship_consignee},
    {"POST", "/api/v1/shows/{show}/orders/{order}/consignees/{position}/received", Access::of_show, Action::fulfil, receive_consignee},
    {"POST", "/api/v1/shows/{show}/orders/{order}/refunds", Access::of_show, Action::refund, refund_order},
    {"GET", "/api/v1/shows/{show}/refunds", Access::of_show, Action::refund, list_refunds_of_show},
    {"POST", "/api/v1/shows/{show}/refunds/{refund}/agree", Access::of_show, Action::refund, agree_to_refund},
    {"POST", "/api/v1/shows/{show}/refunds/{refund}/decline", Access::of_show, Action::refund, decline_refund},
    {"POST", "/api/v1/shows/{show}/refunds/{refund}/again", Access::of_show, Action::refund, ask_again_for_refund},
    {"POST", "/api/v1/shows/{show}/refunds/{refund}/outside", Access::of_show, Action::refund, settle_refund_outside},

    {"GET", "/api/v1/addresses", Access::signed_in, Action::buy, list_addresses},
    {"POST", "/api/v1/addresses", Access::signed_in, Action::buy, create_address},
    {"POST", "/api/v1/orders", Access::signed_in, Action::buy, place_order},
    {"GET", "/api/v1/orders", Access::signed_in, Action::buy, list_orders},
    {"GET", "/api/v1/orders/{order}", Access::signed_in, Action::buy, get_order},
    {"GET", "/api/v1/orders/{order}/history", Access::signed_in, Action::buy, get_own_order_history},
    {"POST", "/api/v1/orders/{order}/cancel", Access::signed_in, Action::buy, cancel_order},
    {"POST", "/api/v1/orders/{order}/received", Access::signed_in, Action::buy, receive_order},
    {"POST", "/api/v1/orders/{order}/refunds", Access::signed_in, Action::buy, ask_for_refund},
    {"GET", "/api/v1/orders/{order}/refunds", Access::signed_in, Action::buy, list_own_refunds},
    {"POST", "/api/v1/orders/{order}/payment", Access::signed_in, Action::buy, create_payment},
    {"POST", "/api/v1/orders/{order}/payment/check", Access::signed_in, Action::buy, check_payment},
    {"POST", "/api/v1/payments/{provider}/notify", Access::provider, Action::buy, notify_payment},
    {"GET", "/pay/sandbox/{payment}", Access::pay_page, Action::buy, show_pay_page},
    {"POST", "/pay/sandbox/{payment}/confirm", Access::pay_page, Action::buy, confirm_pay_page},
});
// clang-format on

/// Takes the first segment, without its slash, off a path that begins with one.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

}  // namespace

std::span<const Route> routes() {
    return table;
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
    parameters.clear();
    while (!pattern.empty() && !path.empty()) {
        const auto expected = take_segment(pattern), given = take_segment(path);
        if (expected.starts_with('{')) {
            if (given.empty()) return false;
            parameters.emplace_back(given);
        } else if (expected != given) {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

}  // namespace livefair::api
