# API begin
livefair_test(unit_people LABELS unit
  SOURCES server/ledger/catalog_test.cpp server/ledger/people_test.cpp server/ledger/sessions_test.cpp
  LIBS livefair_ledger livefair_proto livefair_test_support)
livefair_test(unit_api LABELS unit
  SOURCES server/api/checks_test.cpp server/api/json_test.cpp server/api/pages_test.cpp
  LIBS livefair_api livefair_proto livefair_test_support)
# API end
