livefair_test(unit_text LABELS unit
  SOURCES text/fold_test.cpp
  LIBS livefair_text)
