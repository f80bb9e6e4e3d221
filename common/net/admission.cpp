#include "net/admission.hpp"

namespace livefair::net {

std::optional<Admissions::Guard> Admissions::enter(const std::string& address) {
    const std::lock_guard lock(mutex_);
    if (total_ >= connections_max_) return std::nullopt;
    auto at = by_address_.end();
    if (!address.empty()) {
        at = by_address_.try_emplace(address, 0).first;
        if (at->second >= per_address_max_) return std::nullopt;
        ++at->second;
    }
    ++total_;
    return std::optional<Guard>(std::in_place, shared_from_this(), at);
}

void Admissions::leave(ByAddress::iterator at) {
    const std::lock_guard lock(mutex_);
    --total_;
    if (at != by_address_.end() && --at->second == 0) by_address_.erase(at);
}

std::int64_t Admissions::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

}  // namespace livefair::net
