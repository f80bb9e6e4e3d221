#include "net/admission.hpp"

namespace livefair::net {

std::optional<Admissions::Guard> Admissions::enter(const std::string& address) {
    const std::lock_guard lock(mutex_);
    if (total_ >= connections_max_) return std::nullopt;
    if (!address.empty()) {
        const auto found = by_address_.find(address);
        if (found != by_address_.end() && found->second >= per_address_max_) return std::nullopt;
        ++by_address_[address];
    }
    ++total_;
    return std::optional<Guard>(std::in_place, shared_from_this(), address);
}

void Admissions::leave(const std::string& address) {
    const std::lock_guard lock(mutex_);
    --total_;
    if (address.empty()) return;
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
}

std::int64_t Admissions::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

}  // namespace livefair::net
