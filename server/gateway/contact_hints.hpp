#pragma once

#include <string_view>

/// What leads buyers away from the platform, where nobody answers for the goods. Finds too much rather than too little: what it finds is
/// looked at by a person, never refused. Thread-safe; O(length).
namespace livefair::gateway {

/// Whether a line (after text::fold()) has a web address: with a scheme, a bare domain, an IPv4 address; with spaces or "点" in it, too.
bool has_link(std::string_view folded);

/// Whether a line (after text::fold() and text::squeeze()) asks to be added elsewhere ("加微信", "+V"), or has an account of WeChat or QQ
/// or a mobile number, in Chinese numerals as well. "微信支付可以吗" is none of it.
bool has_contact(std::string_view squeezed);

}  // namespace livefair::gateway
