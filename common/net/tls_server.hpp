#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::net {

/// The server's side of one TLS connection, without a socket: bytes in, bytes out. Not bound to a thread, so that a connection can
/// move from one shard to another, which asio's stream can't.
class TlsSession {
public:
    /// Decrypts what came from the socket; the handshake is part of it. After each call output() is to be sent.
    /// Errors: Errc::invalid_input (not TLS, or broken), closed (the peer said goodbye).
    Result<std::string> open(std::string_view received);
    /// Encrypts `plain`, which then is in output(). Only after the handshake. Errors: Errc::closed.
    Result<> seal(std::string_view plain);
    /// Says goodbye (close_notify).
    void close();
    /// What has to go to the peer now; empty when nothing has.
    std::string output();

private:
    friend class TlsCertificate;
    explicit TlsSession(SSL_CTX& context);
    struct Free {
        void operator()(SSL* session) const;
    };
    std::unique_ptr<SSL, Free> session_;
};

/// A certificate with its chain and its key, PEM files. Thread-safe. Files that were replaced (a renewal) hold for connections from
/// then on; if they can't be read, the last good ones stay and the log says so.
class TlsCertificate {
public:
    /// Throws std::runtime_error with both languages' sentences when the files can't be used (start-up only).
    TlsCertificate(std::string certificate_file, std::string key_file);
    ~TlsCertificate();

    std::unique_ptr<TlsSession> accept();
    /// When the certificate ends, Unix seconds.
    std::int64_t expires_at_s();

private:
    struct Free {
        void operator()(SSL_CTX* context) const;
    };
    using Context = std::unique_ptr<SSL_CTX, Free>;
    /// Empty, with the reason in `why`, when the files can't be used.
    Context load(std::string& why) const;
    void reload_if_replaced();

    const std::string certificate_file_, key_file_;
    std::mutex mutex_;
    Context context_;
    std::filesystem::file_time_type loaded_;
};

}  // namespace livefair::net
