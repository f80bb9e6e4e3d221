#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.hpp"

namespace livefair::auth {

/// The keys that names, phones and addresses of people are sealed with in the ledger. Immutable and thread-safe; shared
/// by the ledger's connections.
///
/// A sealed text is "s1.<key>.<box>": the key's name (8 hex digits of its BLAKE2b), then nonce and box of
/// crypto_secretbox in base64url. A text that does not begin with "s1." was written before there were keys.
class PersonalKeys {
public:
    /// Reads the file: one key of 64 hex digits a line, the newest first; it seals, the others only open what they have
    /// sealed. At most 16. Made with one key (mode 0600) when there is none. Start-up only: throws std::runtime_error
    /// that says what to do.
    static std::shared_ptr<const PersonalKeys> load(const std::string& path);
    /// One random key, for tests.
    static std::shared_ptr<const PersonalKeys> random();
    ~PersonalKeys();
    PersonalKeys(const PersonalKeys&) = delete;
    PersonalKeys& operator=(const PersonalKeys&) = delete;

    /// Sealing the same text twice gives different results. An empty text stays empty.
    std::string seal(std::string_view text) const;
    /// A text that is not sealed comes back as it is. Errors: invalid_input - of a key that is not in the file, cut or
    /// changed.
    Result<std::string> open(std::string_view sealed) const;
    /// Whether it is sealed with the newest key.
    bool is_newest(std::string_view sealed) const;
    /// "h1.<key>.<hash>" of a phone under each key, newest first: by it the account of a phone is found and nothing
    /// else.
    std::vector<std::string> hashes(std::string_view phone) const;
    static bool is_hash(std::string_view text) { return text.starts_with("h1."); }

private:
    struct Key;
    explicit PersonalKeys(std::vector<Key> keys);
    std::vector<Key> keys_;
};

}  // namespace livefair::auth
