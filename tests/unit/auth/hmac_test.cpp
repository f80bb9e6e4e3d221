#include "auth/hmac.hpp"

#include <catch2/catch.hpp>

using namespace livefair;

namespace {

std::string to_hex(const std::string& bytes) {
    std::string text;
    for (const unsigned char byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

}  // namespace

TEST_CASE("HMAC-SHA256 gives the values of RFC 4231, with short and with long keys", "[auth]") {
    CHECK(to_hex(auth::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(
        to_hex(auth::hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("base64 goes both ways and refuses what is not base64", "[auth]") {
    for (const std::string bytes : {"", "f", "fo", "foo", "foob"})
        CHECK(auth::base64_decode(auth::base64_encode(bytes)).value() == bytes);
    CHECK(auth::base64_encode("foob") == "Zm9vYg==");
    for (const auto* bad : {"Zm9vYg=", "Zm9vYg", "Zm9v*g==", "Zm9v Yg==", "Zm9vYg==x"})
        CHECK(auth::base64_decode(bad).error() == Errc::invalid_input);
}

TEST_CASE("a webhook is signed as Standard Webhooks say", "[auth]") {
    // The known answer that the reference libraries of Standard Webhooks test against.
    const auto key = auth::base64_decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD").value();
    CHECK(auth::sign_webhook(key, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553,
                             R"({"email":"test@example.com","username":"test_user"})") ==
          "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
}

TEST_CASE("one right signature among several is enough, a changed part is not", "[auth]") {
    const std::string key = "key", id = "msg_1", body = "{}";
    const auto right = auth::sign_webhook(key, id, 7, body);
    CHECK(auth::is_webhook_signed(key, right, id, 7, body));
    CHECK(auth::is_webhook_signed(key, "v1,AAAA v2,BBBB " + right, id, 7, body));
    CHECK_FALSE(auth::is_webhook_signed("other", right, id, 7, body));
    CHECK_FALSE(auth::is_webhook_signed(key, right, "msg_2", 7, body));
    CHECK_FALSE(auth::is_webhook_signed(key, right, id, 8, body));
    CHECK_FALSE(auth::is_webhook_signed(key, right, id, 7, "{} "));
    for (const auto* bad : {"", " ", "v1", "v1,", "v1,AAAA"})
        CHECK_FALSE(auth::is_webhook_signed(key, bad, id, 7, body));
}

TEST_CASE("of a flood of signatures only the first eight are looked at", "[auth]") {
    const auto right = auth::sign_webhook("key", "id", 7, "");
    std::string flood;
    for (int i = 0; i < 8; ++i) flood += "v1,AAAA ";
    CHECK_FALSE(auth::is_webhook_signed("key", flood + right, "id", 7, ""));
}
