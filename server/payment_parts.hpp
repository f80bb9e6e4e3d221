#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/config.hpp"
#include "commerce/payment_provider.hpp"

namespace livefair {

/// The provider that payment.provider names; null for the sandbox, which ShardParts has anyhow. None of the others is
/// connected to real money: they speak plain HTTP, to a simulator at payment.gateway_url.
/// Start-up only: throws std::runtime_error that says what to do.
std::unique_ptr<commerce::PaymentProvider> make_payment_provider(const Config& config, const Clock& clock);

}  // namespace livefair
