livefair_test(unit_net LABELS unit
  SOURCES net/byte_range_test.cpp net/deflate_test.cpp net/delivery_test.cpp net/periodic_test.cpp net/public_address_test.cpp net/request_reader_test.cpp net/rtmp_url_test.cpp
    net/target_test.cpp net/timer_wheel_test.cpp net/tls_server_test.cpp net/websocket_frame_test.cpp
  LIBS livefair_net livefair_test_support OpenSSL::SSL ZLIB::ZLIB)

# The house: rules that hold for all folders.
livefair_test(unit_house LABELS unit
  SOURCES house/traps_test.cpp house/levels.cpp house/levels_test.cpp
  LIBS livefair_test_support)
livefair_test_paths(LIVEFAIR_SOURCE_DIR=${CMAKE_SOURCE_DIR} SOURCES house/traps_test.cpp house/levels_test.cpp)
