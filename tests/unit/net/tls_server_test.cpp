#include "net/tls_server.hpp"

#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/temporary_folder.hpp"

using namespace livefair;
using namespace livefair::net;
using livefair::test::make_certificate;
using livefair::test::TemporaryFolder;

namespace {

/// OpenSSL's own client, without a socket, that trusts one certificate for "localhost".
class Client {
public:
    explicit Client(const std::string& certificate, int newest = TLS1_3_VERSION) {
        context_ = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_max_proto_version(context_, newest);
        SSL_CTX_load_verify_locations(context_, certificate.c_str(), nullptr);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        ssl_ = SSL_new(context_);
        SSL_set1_host(ssl_, "localhost");
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_);
    }
    ~Client() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool is_connected() { return SSL_do_handshake(ssl_) == 1; }
    void write(std::string_view plain) { REQUIRE(SSL_write(ssl_, plain.data(), static_cast<int>(plain.size())) == static_cast<int>(plain.size())); }
    void goodbye() { SSL_shutdown(ssl_); }
    std::string read() {
        std::string plain(100'000, '\0');
        const int count = SSL_read(ssl_, plain.data(), static_cast<int>(plain.size()));
        plain.resize(static_cast<std::size_t>(std::max(count, 0)));
        return plain;
    }
    std::string output() {
        std::string bytes(BIO_ctrl_pending(SSL_get_wbio(ssl_)), '\0');
        if (!bytes.empty()) BIO_read(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
        return bytes;
    }
    void input(const std::string& bytes) {
        if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
    }

private:
    SSL_CTX* context_;
    SSL* ssl_;
};

struct Pki {
    TemporaryFolder folder;
    std::string certificate = folder.file("cert.pem"), key = folder.file("key.pem");
    Pki() { make_certificate(certificate, key); }
};

/// Feeds `bytes` in chunks; what the server says goes to the client at once.
Result<std::string> feed(TlsSession& session, Client& client, const std::string& bytes, std::size_t chunk) {
    std::string plain;
    for (std::size_t at = 0; at < bytes.size(); at += chunk) {
        const auto opened = session.open(std::string_view(bytes).substr(at, chunk));
        client.input(session.output());
        if (!opened) return opened.error();
        plain += *opened;
    }
    return plain;
}

void shake_hands(TlsSession& session, Client& client, std::size_t chunk) {
    for (int round = 0; round < 3 && !client.is_connected(); ++round) REQUIRE(feed(session, client, client.output(), chunk));
    REQUIRE(client.is_connected());
    REQUIRE(feed(session, client, client.output(), chunk));
}

}  // namespace

TEST_CASE("what a TLS client sends comes out whole, in chunks of any size", "[net]") {
    const Pki pki;
    TlsCertificate certificate(pki.certificate, pki.key);
    std::string long_text;
    for (int i = 0; i < 10'000; ++i) long_text += std::to_string(i);
    for (const std::size_t chunk : {1, 2, 3, 7, 16, 33, 64, 4096}) {
        INFO("chunks of " << chunk);
        const auto session = certificate.accept();
        Client client(pki.certificate);
        shake_hands(*session, client, chunk);
        client.write(long_text);
        CHECK(feed(*session, client, client.output(), chunk).value() == long_text);
        REQUIRE(session->seal("答" + long_text.substr(0, 10'000)));
        client.input(session->output());
        CHECK(client.read() == "答" + long_text.substr(0, 10'000));
        client.goodbye();
        CHECK(feed(*session, client, client.output(), chunk).error() == Errc::closed);
    }
}

TEST_CASE("what is not TLS, or TLS before 1.2, is refused with an alert", "[net]") {
    const Pki pki;
    TlsCertificate certificate(pki.certificate, pki.key);
    const auto plain = certificate.accept();
    CHECK(plain->open("\x03" + std::string(1536, '\0')).error() == Errc::invalid_input);
    CHECK_FALSE(plain->seal("never"));

    const auto old = certificate.accept();
    Client client(pki.certificate, TLS1_1_VERSION);
    client.is_connected();
    const auto hello = client.output();
    // Some builds of OpenSSL don't even offer it.
    if (!hello.empty()) CHECK(old->open(hello).error() == Errc::invalid_input);
    CHECK(certificate.expires_at_s() > std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) + 86'000);
}

TEST_CASE("broken records after the handshake end the session", "[net]") {
    const Pki pki;
    TlsCertificate certificate(pki.certificate, pki.key);
    const auto session = certificate.accept();
    Client client(pki.certificate);
    shake_hands(*session, client, 4096);
    client.write("hello");
    auto record = client.output();
    record.back() ^= 1;
    CHECK(session->open(record).error() == Errc::invalid_input);
}

TEST_CASE("a certificate that was replaced holds for the next connection, a broken one for none", "[net]") {
    const Pki pki;
    TlsCertificate certificate(pki.certificate, pki.key);
    const auto shakes = [&certificate](const std::string& trusted) {
        const auto session = certificate.accept();
        Client client(trusted);
        for (int round = 0; round < 3 && !client.is_connected(); ++round)
            if (!feed(*session, client, client.output(), 4096)) return false;
        return client.is_connected();
    };
    const auto copy = pki.folder.file("first.pem");
    std::filesystem::copy_file(pki.certificate, copy);
    CHECK(shakes(copy));
    const auto set_time = [&pki](int hours) {
        std::filesystem::last_write_time(pki.certificate, std::filesystem::file_time_type::clock::now() + std::chrono::hours(hours));
    };
    make_certificate(pki.certificate, pki.key);
    set_time(1);
    CHECK(shakes(pki.certificate));
    CHECK_FALSE(shakes(copy));
    std::filesystem::copy_file(pki.certificate, copy, std::filesystem::copy_options::overwrite_existing);
    std::ofstream(pki.certificate) << "half a file";
    set_time(2);
    CHECK(shakes(copy));
}

TEST_CASE("a certificate that can't be read stops the start with the setting's name", "[net]") {
    const Pki pki;
    CHECK_THROWS_WITH(TlsCertificate(pki.folder.file("none.pem"), pki.key), Catch::Contains("media.tls_certificate_file"));
    CHECK_THROWS_WITH(TlsCertificate(pki.certificate, pki.certificate), Catch::Contains("无法使用"));
}
