#include "net/tls_server.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "base/log.hpp"

namespace livefair::net {
namespace {

/// TLS' own bound on one record's plain bytes (RFC 8446 5.1).
constexpr std::size_t record_bytes = 16 * 1024;

std::string last_error() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

/// The later of the two: a renewal writes both.
std::filesystem::file_time_type newest(const std::string& one, const std::string& other) {
    std::error_code ec;
    const auto first = std::filesystem::last_write_time(one, ec);
    if (ec) return {};
    const auto second = std::filesystem::last_write_time(other, ec);
    return ec ? std::filesystem::file_time_type{} : std::max(first, second);
}

}  // namespace

void TlsSession::Free::operator()(SSL* session) const { SSL_free(session); }
void TlsCertificate::Free::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

TlsSession::TlsSession(SSL_CTX& context) : session_(SSL_new(&context)) {
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(session_.get());
}

Result<std::string> TlsSession::open(std::string_view received) {
    auto* const session = session_.get();
    if (BIO_write(SSL_get_rbio(session), received.data(), static_cast<int>(received.size())) != static_cast<int>(received.size()))
        return make_error_code(Errc::internal);
    std::string plain;
    std::array<char, record_bytes> record;
    // Reading does the handshake, too.
    for (;;) {
        ERR_clear_error();
        const int count = SSL_read(session, record.data(), static_cast<int>(record.size()));
        if (count > 0) {
            plain.append(record.data(), static_cast<std::size_t>(count));
            continue;
        }
        const int error = SSL_get_error(session, count);
        if (error == SSL_ERROR_WANT_READ) return plain;
        // What was said before the goodbye still counts; the next call says that it is over.
        if (error == SSL_ERROR_ZERO_RETURN && !plain.empty()) return plain;
        ERR_clear_error();
        return make_error_code(error == SSL_ERROR_ZERO_RETURN ? Errc::closed : Errc::invalid_input);
    }
}

Result<> TlsSession::seal(std::string_view plain) {
    ERR_clear_error();
    if (plain.empty() || SSL_write(session_.get(), plain.data(), static_cast<int>(plain.size())) > 0) return {};
    ERR_clear_error();
    return make_error_code(Errc::closed);
}

void TlsSession::close() {
    if (SSL_is_init_finished(session_.get())) SSL_shutdown(session_.get());
    ERR_clear_error();
}

std::string TlsSession::output() {
    auto* const out = SSL_get_wbio(session_.get());
    std::string bytes(BIO_ctrl_pending(out), '\0');
    if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

TlsCertificate::TlsCertificate(std::string certificate_file, std::string key_file)
    : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)), loaded_(newest(certificate_file_, key_file_)) {
    std::string why;
    context_ = load(why);
    if (!context_)
        throw std::runtime_error("证书 " + certificate_file_ + " 或私钥 " + key_file_ + " 无法使用（" + why + "）：请检查 media.tls_certificate_file 和 media.tls_key_file\n" +
                                 "certificate " + certificate_file_ + " or key " + key_file_ + " can't be used (" + why +
                                 "): check media.tls_certificate_file and media.tls_key_file");
}

TlsCertificate::~TlsCertificate() = default;

TlsCertificate::Context TlsCertificate::load(std::string& why) const {
    Context context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // Publishers come once a show: sessions to resume would only take memory.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context.get(), 0);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file_.c_str()) == 1 &&
        SSL_CTX_use_PrivateKey_file(context.get(), key_file_.c_str(), SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(context.get()) == 1)
        return context;
    why = last_error();
    return nullptr;
}

void TlsCertificate::reload_if_replaced() {
    const auto now = newest(certificate_file_, key_file_);
    if (now == loaded_) return;
    loaded_ = now;
    std::string why;
    auto context = load(why);
    if (!context) return log::error("tls_certificate_not_usable", {{"file", certificate_file_}, {"why", why}});
    context_ = std::move(context);
    log::info("tls_certificate_reloaded", {{"file", certificate_file_}});
}

std::unique_ptr<TlsSession> TlsCertificate::accept() {
    const std::lock_guard lock(mutex_);
    reload_if_replaced();
    return std::unique_ptr<TlsSession>(new TlsSession(*context_));
}

std::int64_t TlsCertificate::expires_at_s() {
    const std::lock_guard lock(mutex_);
    std::tm end{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context_.get())), &end) != 1) return 0;
    return ::timegm(&end);
}

}  // namespace livefair::net
