#pragma once

#include <boost/asio/ip/address.hpp>

namespace livefair::net {

/// Whether `address` is one of the public internet: not loopback, unspecified, link-local, private, shared (RFC 6598), reserved,
/// documentation or multicast; addresses that carry an IPv4 one (mapped, NAT64, 6to4) are judged by that. By the IANA registries of
/// special-purpose addresses. For connections whose target somebody outside has chosen: they must not reach inner services.
bool is_public(const boost::asio::ip::address& address);

}  // namespace livefair::net
