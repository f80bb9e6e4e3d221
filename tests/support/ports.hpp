#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace livefair::test {

/// Ports of loopback that nobody listens on now, none twice. They are below those that Linux gives by itself (32768 and up), so that no connection and no
/// server on "any port" takes one while the server it is for is being started again.
std::vector<std::uint16_t> free_ports(std::size_t count);

}  // namespace livefair::test
