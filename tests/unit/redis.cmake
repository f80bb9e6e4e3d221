livefair_test(unit_redis LABELS unit
  SOURCES redis/codec_test.cpp redis/sentinels_test.cpp redis/slot_test.cpp
  LIBS livefair_redis livefair_test_support)
