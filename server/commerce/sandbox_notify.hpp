#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commerce/payment_provider.hpp"

namespace livefair::v1 {
class SandboxEvent;
}

/// The sandbox's webhooks in the shape of Standard Webhooks; no I/O.
namespace livefair::commerce {

/// The value of a header when it is there exactly once.
std::optional<std::string> single_header(const PayHeaders& headers, std::string_view name);
/// A whole decimal number.
std::optional<std::int64_t> whole_number(std::string_view text);

/// What a body says; nothing when it is malformed. The signature must have been checked.
std::optional<Verified> parse_sandbox_body(const std::string& body);
/// `window_s`: how old or new a webhook may be.
NotifyVerdict parse_sandbox_notify(const PayHeaders& headers, const std::string& body, std::int64_t now_s,
                                   const std::vector<std::string>& secrets, std::int64_t window_s);

/// The headers of a webhook, signed with `secret`.
PayHeaders sign_sandbox_notify(const std::string& secret, const std::string& event_id, std::int64_t now_s,
                               const std::string& body);
std::string to_body(const v1::SandboxEvent& notify);

}  // namespace livefair::commerce
