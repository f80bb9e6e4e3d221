# API begin
livefair_test(unit_people LABELS unit POSTGRES
  SOURCES server/ledger/supplier_statement_test.cpp server/ledger/allocations_test.cpp server/ledger/actions_test.cpp server/ledger/catalog_test.cpp server/ledger/offer_terms_test.cpp server/ledger/people_test.cpp server/ledger/questions_test.cpp server/ledger/refund_requests_test.cpp server/ledger/sessions_test.cpp
  LIBS livefair_ledger livefair_proto livefair_test_support)
livefair_test(unit_api LABELS unit
  SOURCES server/api/checks_test.cpp server/api/json_test.cpp server/api/pages_test.cpp
  LIBS livefair_api livefair_proto livefair_test_support)
# The catalogue: rules in the ledger, tables of products.
livefair_test(unit_catalogue LABELS unit POSTGRES
  SOURCES server/api/product_table_test.cpp server/ledger/organisations_test.cpp server/ledger/products_test.cpp server/ledger/regions_test.cpp server/ledger/suppliers_test.cpp
  LIBS livefair_api livefair_table livefair_proto livefair_test_support)
# API end
# ORDER begin
livefair_test(unit_orders LABELS unit POSTGRES
  SOURCES server/ledger/fulfilment_test.cpp server/ledger/kinds_test.cpp server/ledger/direct_orders_test.cpp server/ledger/personal_test.cpp server/ledger/refunds_test.cpp
  LIBS livefair_ledger livefair_proto livefair_test_support)
# ORDER end
# ROOM begin
livefair_test(unit_room LABELS unit tsan
  SOURCES server/room/live_room_test.cpp server/room/outbox_test.cpp server/room/overload_test.cpp server/room/room_state_test.cpp
  LIBS livefair_room)
livefair_test(unit_gateway LABELS unit
  SOURCES server/gateway/chat_filter_test.cpp server/gateway/chat_text_test.cpp server/gateway/ledger_link_test.cpp server/gateway/word_list_test.cpp
  LIBS livefair_gateway livefair_text livefair_test_support)
# ROOM end
# TILL begin
livefair_test(unit_till LABELS unit POSTGRES TIMEOUT 120
  SOURCES server/commerce/alipay_test.cpp server/commerce/commerce_test.cpp server/commerce/wechat_test.cpp server/commerce/sold_out_book_test.cpp server/ledger/database_test.cpp
    server/ledger/order_text_test.cpp server/ledger/projection_batch_test.cpp server/ledger/sales_sums_test.cpp server/ledger/sales_totals_test.cpp server/ledger/league_test.cpp server/ledger/postgres_values_test.cpp server/ledger/projection_test.cpp server/ledger/stream_entry_test.cpp
  LIBS livefair_commerce livefair_ledger livefair_proto livefair_test_support)
# TILL end
