#include "ingest/gate.hpp"

#include <algorithm>
#include <utility>

namespace livefair::ingest {

Gate::Gate(const Config& config, const Clock& clock)
    : connections_max_(static_cast<std::size_t>(config.limits.connections_max)),
      per_address_max_(static_cast<std::size_t>(config.media.publishers_per_address)),
      trusted_(config.limits.trusted_addresses),
      bad_keys_(clock, {static_cast<double>(config.media.bad_keys_per_minute) / 60, static_cast<double>(config.media.bad_keys_per_minute)}) {}

Gate::Ticket::~Ticket() {
    if (!gate_) return;
    const std::lock_guard lock(gate_->mutex_);
    --gate_->connections_;
    const auto found = gate_->by_address_.find(address_);
    if (--found->second == 0) gate_->by_address_.erase(found);
}

std::optional<Gate::Ticket> Gate::admit(const std::shared_ptr<Gate>& gate, const std::string& address) {
    const bool trusted = gate->is_trusted(address);
    if (!trusted && !gate->bad_keys_.has_token(address)) return std::nullopt;
    const std::lock_guard lock(gate->mutex_);
    if (gate->connections_ >= gate->connections_max_) return std::nullopt;
    const auto found = gate->by_address_.find(address);
    if (!trusted && found != gate->by_address_.end() && found->second >= gate->per_address_max_) return std::nullopt;
    ++gate->connections_;
    ++gate->by_address_[address];
    return Ticket(gate, address);
}

void Gate::note_bad_key(const std::string& address) {
    if (!is_trusted(address)) static_cast<void>(bad_keys_.allow(address));
}

bool Gate::is_trusted(const std::string& address) const {
    return std::find(trusted_.begin(), trusted_.end(), address) != trusted_.end();
}

}  // namespace livefair::ingest
