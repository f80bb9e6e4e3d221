#pragma once

#include "api/route.hpp"

/// The handlers, by subject: each file defines its own. See docs/protocol.md section 3 for bodies and answers.
namespace livefair::api {

// auth_routes.cpp
net::Task<net::HttpResponse> request_code(Services& services, Call call);
net::Task<net::HttpResponse> sign_in(Services& services, Call call);
net::Task<net::HttpResponse> sign_in_staff(Services& services, Call call);
net::Task<net::HttpResponse> sign_out(Services& services, Call call);
net::Task<net::HttpResponse> get_me(Services& services, Call call);
net::Task<net::HttpResponse> list_sessions(Services& services, Call call);
net::Task<net::HttpResponse> end_session(Services& services, Call call);
net::Task<net::HttpResponse> create_staff(Services& services, Call call);
net::Task<net::HttpResponse> add_grant(Services& services, Call call);

// catalog_routes.cpp
net::Task<net::HttpResponse> list_organisations(Services& services, Call call);
net::Task<net::HttpResponse> create_organisation(Services& services, Call call);
net::Task<net::HttpResponse> list_hosts(Services& services, Call call);
net::Task<net::HttpResponse> create_host(Services& services, Call call);
net::Task<net::HttpResponse> list_products(Services& services, Call call);
net::Task<net::HttpResponse> create_product(Services& services, Call call);
net::Task<net::HttpResponse> change_product(Services& services, Call call);
net::Task<net::HttpResponse> change_organisation(Services& services, Call call);

// import_routes.cpp
net::Task<net::HttpResponse> import_products(Services& services, Call call);
net::Task<net::HttpResponse> export_products(Services& services, Call call);

// supply_routes.cpp
net::Task<net::HttpResponse> list_regions(Services& services, Call call);
net::Task<net::HttpResponse> put_regions(Services& services, Call call);
net::Task<net::HttpResponse> list_suppliers(Services& services, Call call);
net::Task<net::HttpResponse> get_supplier(Services& services, Call call);
net::Task<net::HttpResponse> apply_as_supplier(Services& services, Call call);
net::Task<net::HttpResponse> set_supplier_state(Services& services, Call call);

// show_routes.cpp
net::Task<net::HttpResponse> list_shows(Services& services, Call call);
net::Task<net::HttpResponse> create_show(Services& services, Call call);
net::Task<net::HttpResponse> get_show(Services& services, Call call);
net::Task<net::HttpResponse> get_show_of_room(Services& services, Call call);
net::Task<net::HttpResponse> set_show_state(Services& services, Call call);
net::Task<net::HttpResponse> create_segment(Services& services, Call call);
net::Task<net::HttpResponse> create_stream_key(Services& services, Call call);
net::Task<net::HttpResponse> give_publisher_back(Services& services, Call call);
net::Task<net::HttpResponse> list_questions(Services& services, Call call);
net::Task<net::HttpResponse> list_actions(Services& services, Call call);
net::Task<net::HttpResponse> get_history(Services& services, Call call);
net::Task<net::HttpResponse> get_totals(Services& services, Call call);
net::Task<net::HttpResponse> get_curve(Services& services, Call call);
net::Task<net::HttpResponse> get_dashboard(Services& services, Call call);

// totals_routes.cpp
net::Task<net::HttpResponse> get_sales_totals(Services& services, Call call);
net::Task<net::HttpResponse> list_sales_orders(Services& services, Call call);
net::Task<net::HttpResponse> list_sales_flags(Services& services, Call call);
net::Task<net::HttpResponse> get_league(Services& services, Call call);
net::Task<net::HttpResponse> set_organisation_facts(Services& services, Call call);
net::Task<net::HttpResponse> list_reconciliations(Services& services, Call call);

// push_routes.cpp
net::Task<net::HttpResponse> list_push_targets(Services& services, Call call);
net::Task<net::HttpResponse> add_push_target(Services& services, Call call);
net::Task<net::HttpResponse> remove_push_target(Services& services, Call call);

// media_routes.cpp
net::Task<net::HttpResponse> make_media_token(Services& services, Call call);
net::Task<net::HttpResponse> set_show_access(Services& services, Call call);
net::Task<net::HttpResponse> take_playing(Services& services, Call call);

// offer_routes.cpp
net::Task<net::HttpResponse> create_stock(Services& services, Call call);
net::Task<net::HttpResponse> create_offer(Services& services, Call call);
net::Task<net::HttpResponse> change_offer(Services& services, Call call);
net::Task<net::HttpResponse> get_offer_version(Services& services, Call call);
net::Task<net::HttpResponse> open_offer(Services& services, Call call);
net::Task<net::HttpResponse> close_offer(Services& services, Call call);

// inventory_routes.cpp
net::Task<net::HttpResponse> get_inventory(Services& services, Call call);
net::Task<net::HttpResponse> state_inventory(Services& services, Call call);
net::Task<net::HttpResponse> list_stocks(Services& services, Call call);
net::Task<net::HttpResponse> change_stock(Services& services, Call call);
net::Task<net::HttpResponse> list_stock_changes(Services& services, Call call);
net::Task<net::HttpResponse> list_funds(Services& services, Call call);
net::Task<net::HttpResponse> create_fund(Services& services, Call call);
net::Task<net::HttpResponse> list_fund_pools(Services& services, Call call);
net::Task<net::HttpResponse> change_fund_pool(Services& services, Call call);
net::Task<net::HttpResponse> list_fund_pool_changes(Services& services, Call call);

// order_routes.cpp
net::Task<net::HttpResponse> list_addresses(Services& services, Call call);
net::Task<net::HttpResponse> create_address(Services& services, Call call);
net::Task<net::HttpResponse> place_order(Services& services, Call call);
net::Task<net::HttpResponse> list_orders(Services& services, Call call);
net::Task<net::HttpResponse> get_order(Services& services, Call call);
net::Task<net::HttpResponse> cancel_order(Services& services, Call call);

// fulfilment_routes.cpp
net::Task<net::HttpResponse> list_orders_of_show(Services& services, Call call);
net::Task<net::HttpResponse> get_order_history(Services& services, Call call);
net::Task<net::HttpResponse> get_own_order_history(Services& services, Call call);
net::Task<net::HttpResponse> look_at_address(Services& services, Call call);
net::Task<net::HttpResponse> list_personal_looks(Services& services, Call call);
net::Task<net::HttpResponse> make_ship_out_list(Services& services, Call call);
net::Task<net::HttpResponse> pack_order(Services& services, Call call);
net::Task<net::HttpResponse> ship_order(Services& services, Call call);
net::Task<net::HttpResponse> finish_order(Services& services, Call call);
net::Task<net::HttpResponse> receive_order(Services& services, Call call);
net::Task<net::HttpResponse> list_consignees(Services& services, Call call);
net::Task<net::HttpResponse> ship_consignee(Services& services, Call call);
net::Task<net::HttpResponse> receive_consignee(Services& services, Call call);

// bulk_routes.cpp
net::Task<net::HttpResponse> enter_stall_order(Services& services, Call call);
net::Task<net::HttpResponse> give_goods(Services& services, Call call);
net::Task<net::HttpResponse> create_quote(Services& services, Call call);
net::Task<net::HttpResponse> list_quotes(Services& services, Call call);
net::Task<net::HttpResponse> withdraw_quote(Services& services, Call call);
net::Task<net::HttpResponse> order_by_quote(Services& services, Call call);
net::Task<net::HttpResponse> note_paid(Services& services, Call call);
net::Task<net::HttpResponse> release_direct_order(Services& services, Call call);
net::Task<net::HttpResponse> get_certificate(Services& services, Call call);
net::Task<net::HttpResponse> create_intent(Services& services, Call call);
net::Task<net::HttpResponse> list_intents(Services& services, Call call);
net::Task<net::HttpResponse> withdraw_intent(Services& services, Call call);
net::Task<net::HttpResponse> create_agreement(Services& services, Call call);
net::Task<net::HttpResponse> list_agreements(Services& services, Call call);
net::Task<net::HttpResponse> sign_agreement(Services& services, Call call);
net::Task<net::HttpResponse> end_agreement(Services& services, Call call);

// refund_routes.cpp
net::Task<net::HttpResponse> refund_order(Services& services, Call call);
net::Task<net::HttpResponse> list_refunds_of_show(Services& services, Call call);
net::Task<net::HttpResponse> agree_to_refund(Services& services, Call call);
net::Task<net::HttpResponse> decline_refund(Services& services, Call call);
net::Task<net::HttpResponse> ask_again_for_refund(Services& services, Call call);
net::Task<net::HttpResponse> settle_refund_outside(Services& services, Call call);
net::Task<net::HttpResponse> ask_for_refund(Services& services, Call call);
net::Task<net::HttpResponse> list_own_refunds(Services& services, Call call);

// pay_routes.cpp
net::Task<net::HttpResponse> create_payment(Services& services, Call call);
net::Task<net::HttpResponse> get_statement(Services& services, Call call);
net::Task<net::HttpResponse> check_payment(Services& services, Call call);
net::Task<net::HttpResponse> notify_payment(Services& services, Call call);
net::Task<net::HttpResponse> show_pay_page(Services& services, Call call);
net::Task<net::HttpResponse> confirm_pay_page(Services& services, Call call);

}  // namespace livefair::api
