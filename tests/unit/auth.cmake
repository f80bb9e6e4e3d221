livefair_test(unit_auth LABELS unit
  SOURCES auth/device_test.cpp auth/hmac_test.cpp auth/identity_cache_test.cpp auth/media_secret_test.cpp auth/media_token_test.cpp auth/origins_test.cpp auth/password_test.cpp auth/personal_keys_test.cpp auth/push_target_test.cpp auth/rate_limit_test.cpp auth/roles_test.cpp auth/token_test.cpp
  LIBS livefair_auth livefair_test_support)
