livefair_test(unit_table LABELS unit
  SOURCES table/csv_test.cpp table/xlsx_test.cpp
  LIBS livefair_table PkgConfig::libzip)
