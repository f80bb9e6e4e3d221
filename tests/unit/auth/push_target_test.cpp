#include "auth/push_target.hpp"

#include <catch2/catch.hpp>

#include "auth/media_secret.hpp"

using namespace livefair;

TEST_CASE("a push target travels sealed and comes out as it was", "[auth]") {
    const std::string secret(32, 's');
    const auth::PushTarget target{"rtmp://live.example/app", "?streamname=live_1&key=\"a\\b"};
    const auto sealed = auth::seal_push_target(secret, target);
    CHECK(sealed.find("live") == std::string::npos);
    CHECK(auth::unseal_push_target(secret, sealed).value() == target);
    CHECK(auth::unseal_push_target(std::string(32, 't'), sealed).has_error());
}

TEST_CASE("a sealed text of another form is no push target", "[auth]") {
    for (const auto* json : {"", "{", "[]", "null", "{}", R"({"url":"a"})", R"({"url":1,"key":"b"})", R"({"url":"a","key":null})",
                             R"({"url":"a","key":""})", R"({"url":"a","key":"b c"})", R"({"url":"a","key":"密"})"})
        CHECK(auth::parse_push_target(json).error() == Errc::invalid_input);
    CHECK(auth::parse_push_target(std::string(100'000, '[')).has_error());
    CHECK(auth::parse_push_target(R"({"url":")" + std::string(256, 'a') + R"(","key":"b"})").has_error());
    CHECK(auth::parse_push_target(R"({"url":"a","key":"b","more":1})").has_value());
}
