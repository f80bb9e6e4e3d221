#include "auth/personal_keys.hpp"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include "auth/media_secret.hpp"
#include "auth/secret_file.hpp"
#include "base/check.hpp"
#include "base/random.hpp"

namespace livefair::auth {
namespace {

constexpr std::string_view setting = "orders.personal_key_file";
constexpr std::string_view sealed_prefix = "s1.", hash_prefix = "h1.";
constexpr std::size_t key_bytes = 32, key_name_digits = 8, keys_max = 16;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string hex_of(std::string_view bytes) {
    std::string hex(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), bytes_of(bytes), bytes.size());
    hex.pop_back();
    return hex;
}

/// 64 hex digits as 32 bytes; empty when they are not.
std::string key_of(std::string_view hex) {
    std::string key(key_bytes, '\0');
    std::size_t size = 0;
    if (hex.size() != 2 * key_bytes ||
        sodium_hex2bin(bytes_of(key), key.size(), hex.data(), hex.size(), nullptr, &size, nullptr) != 0 ||
        size != key_bytes)
        return {};
    return key;
}

}  // namespace

struct PersonalKeys::Key {
    explicit Key(std::string bytes)
        : secret(std::move(bytes)),
          hash_key(derive_key(secret, "phone hash")),
          name(hex_of(derive_key(secret, "name")).substr(0, key_name_digits)) {}
    std::string secret, hash_key, name;
};

PersonalKeys::PersonalKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}
PersonalKeys::~PersonalKeys() = default;

std::shared_ptr<const PersonalKeys> PersonalKeys::random() {
    std::vector<Key> keys;
    keys.emplace_back(key_of(random_hex(key_bytes)));
    return std::shared_ptr<const PersonalKeys>(new PersonalKeys(std::move(keys)));
}

std::shared_ptr<const PersonalKeys> PersonalKeys::load(const std::string& path) {
    make_secret_file(path, random_hex(key_bytes) + "\n", setting);
    const auto text = read_secret_file(path, keys_max * (2 * key_bytes + 1), setting);
    std::vector<Key> keys;
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto key = key_of(rest.substr(0, end));
        if (key.empty())
            throw std::runtime_error(path +
                                     " does not hold 64 hex characters a line; restore it (without it nobody can read "
                                     "where orders go); see " +
                                     std::string(setting));
        keys.emplace_back(key);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (keys.empty()) throw std::runtime_error(path + " is empty; restore it; see " + std::string(setting));
    return std::shared_ptr<const PersonalKeys>(new PersonalKeys(std::move(keys)));
}

std::string PersonalKeys::seal(std::string_view text) const {
    if (text.empty()) return {};
    const auto& key = keys_.front();
    return std::string(sealed_prefix) + key.name + "." + auth::seal(key.secret, text);
}

Result<std::string> PersonalKeys::open(std::string_view sealed) const {
    if (!sealed.starts_with(sealed_prefix)) return std::string(sealed);
    sealed.remove_prefix(sealed_prefix.size());
    const auto name = sealed.substr(0, sealed.find('.'));
    const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const Key& each) { return each.name == name; });
    if (key == keys_.end() || name.size() == sealed.size()) return make_error_code(Errc::invalid_input);
    return auth::unseal(key->secret, sealed.substr(name.size() + 1));
}

bool PersonalKeys::is_newest(std::string_view sealed) const {
    return sealed.starts_with(std::string(sealed_prefix) + keys_.front().name + ".");
}

std::vector<std::string> PersonalKeys::hashes(std::string_view phone) const {
    std::vector<std::string> all;
    for (const auto& key : keys_) {
        std::string hash(crypto_generichash_BYTES, '\0');
        LF_CHECK(crypto_generichash(bytes_of(hash), hash.size(), bytes_of(phone), phone.size(), bytes_of(key.hash_key),
                                    key.hash_key.size()) == 0);
        all.push_back(std::string(hash_prefix) + key.name + "." + hex_of(hash));
    }
    return all;
}

}  // namespace livefair::auth
