#include "base/errc.hpp"

#include <array>
#include <string>

namespace livefair {
namespace {

constexpr std::array<std::string_view, 19> names = {
    "ok",          "invalid_input",     "too_large",     "too_many_requests", "not_found",          "unauthenticated",
    "forbidden",   "conflict",          "timed_out",     "closed",            "redis_unavailable",  "redis_unknown",
    "redis_error", "ledger_unavailable", "viewer_too_slow", "bad_key",        "overloaded",         "unsupported",        "internal"};

class Category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "livefair"; }
    std::string message(int value) const override { return std::string(to_string(static_cast<Errc>(value))); }
};

}  // namespace

const boost::system::error_category& errc_category() noexcept {
    static const Category category;
    return category;
}

boost::system::error_code make_error_code(Errc errc) noexcept { return {static_cast<int>(errc), errc_category()}; }

std::string_view to_string(Errc errc) noexcept {
    const auto index = static_cast<std::size_t>(errc);
    return index < names.size() ? names[index] : "internal";
}

Errc to_errc(const boost::system::error_code& ec) noexcept {
    return ec.category() == errc_category() ? static_cast<Errc>(ec.value()) : Errc::internal;
}

}  // namespace livefair
