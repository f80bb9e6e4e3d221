livefair_test(unit_base LABELS unit
  SOURCES base/base_test.cpp base/card_number_test.cpp base/config_test.cpp
  LIBS livefair_base)
livefair_test_paths(LIVEFAIR_SOURCE_DIR=${CMAKE_SOURCE_DIR} SOURCES base/config_test.cpp)
