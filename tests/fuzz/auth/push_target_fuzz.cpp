#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/media_secret.hpp"
#include "auth/push_target.hpp"

// The same bytes as a sealed text and as what is inside a seal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    static const std::string secret(32, 's');
    static_cast<void>(livefair::auth::unseal_push_target(secret, input));
    const auto target = livefair::auth::parse_push_target(input);
    if (target && livefair::auth::unseal_push_target(secret, livefair::auth::seal_push_target(secret, *target)).value() != *target) __builtin_trap();
    return 0;
}
