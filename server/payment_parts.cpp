#include "payment_parts.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/log.hpp"
#include "commerce/alipay_provider.hpp"
#include "commerce/wechat_provider.hpp"

namespace livefair {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("payment: can't read the key file \"" + path + "\"");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string read_secret(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
        throw std::runtime_error("payment: " + path + " may be read by others; run: chmod 600 " + path);
    return read_file(path);
}

commerce::RsaPrivateKey private_key(const std::string& path) {
    auto key = commerce::RsaPrivateKey::from_pem(read_secret(path));
    if (!key) throw std::runtime_error("payment: " + path + " is no RSA private key (PEM, at least 2048 bits)");
    return std::move(*key);
}

commerce::RsaPublicKey public_key(const std::string& path) {
    auto key = commerce::RsaPublicKey::from_pem(read_file(path));
    if (!key) throw std::runtime_error("payment: " + path + " is no RSA public key or certificate (PEM, at least 2048 bits)");
    return std::move(*key);
}

std::string notify_url(const Config& config) {
    return config.site.url + "/api/v1/payments/" + config.payment.provider + "/notify";
}

std::unique_ptr<commerce::PaymentProvider> make_wechat(const Config& config, const Clock& clock) {
    const auto& settings = config.payment;
    commerce::WechatKeys keys{settings.merchant_id, settings.app_id, settings.merchant_serial,
                              private_key(settings.merchant_key_file), read_secret(settings.api_key_file), {}};
    while (!keys.api_key.empty() && keys.api_key.back() == '\n') keys.api_key.pop_back();
    if (keys.api_key.size() != 32) throw std::runtime_error("payment: the key in " + settings.api_key_file + " must have 32 bytes");
    for (const auto& entry : settings.provider_keys) {
        const auto equals = entry.find('=');
        if (equals == std::string::npos) throw std::runtime_error("payment.provider_keys: each must be SERIAL=FILE");
        keys.platform_keys.emplace(entry.substr(0, equals), public_key(entry.substr(equals + 1)));
    }
    if (keys.platform_keys.empty()) throw std::runtime_error("payment.provider_keys: at least one SERIAL=FILE is needed");
    return std::make_unique<commerce::WechatProvider>(
        std::move(keys), clock, commerce::WechatProvider::Options{settings.gateway_url, notify_url(config), settings.webhook_window_s});
}

std::unique_ptr<commerce::PaymentProvider> make_alipay(const Config& config, const Clock& clock) {
    const auto& settings = config.payment;
    if (settings.provider_keys.size() != 1) throw std::runtime_error("payment.provider_keys: must be the file of Alipay's public key");
    commerce::AlipayKeys keys{settings.app_id, settings.merchant_id, private_key(settings.merchant_key_file), public_key(settings.provider_keys.front())};
    return std::make_unique<commerce::AlipayProvider>(std::move(keys), clock, commerce::AlipayProvider::Options{settings.gateway_url, notify_url(config)});
}

}  // namespace

std::unique_ptr<commerce::PaymentProvider> make_payment_provider(const Config& config, const Clock& clock) {
    const auto& name = config.payment.provider;
    if (name == "sandbox") return nullptr;
    if (name != "wechat_v3" && name != "alipay") throw std::runtime_error("payment.provider: must be sandbox, wechat_v3 or alipay");
    if (!config.payment.gateway_url.starts_with("http://"))
        throw std::runtime_error("payment.gateway_url: must be the http:// address of a simulator; " + name + " is not connected to real money");
    log::warn("payments are not connected to real money", {{"provider", name}, {"gateway", config.payment.gateway_url}});
    return name == "alipay" ? make_alipay(config, clock) : make_wechat(config, clock);
}

}  // namespace livefair
