#pragma once

#include <string>
#include <string_view>

#include "base/errc.hpp"

/// permessage-deflate without context takeover (RFC 7692): each message by itself, so nothing is kept for a connection.
namespace livefair::net {

/// The payload of a compressed message (RFC 7692 7.2.1).
std::string deflate_message(std::string_view message);
/// The message of such a payload (RFC 7692 7.2.2). Errors: too_large - more than `bytes_max`, found before more than that is written; invalid_input.
Result<std::string> inflate_message(std::string_view payload, std::size_t bytes_max);

/// Whether one offer of Sec-WebSocket-Extensions is permessage-deflate in a form that we can keep to (RFC 7692 7.1): the same bytes go to all
/// clients, so none may ask for a smaller window of ours.
bool accepts_deflate(std::string_view offer);
/// What is answered then.
constexpr std::string_view deflate_answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

}  // namespace livefair::net
