#include "net/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace livefair::net {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct Block4 {
    std::uint32_t network;
    int bits;
};
// RFC 6890 and what came after it.
constexpr Block4 special4[] = {
    {0x00000000, 8},   // this network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared (carrier NAT)
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local; clouds keep their secrets at 169.254.169.254
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 6to4 relays
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarks
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 3},   // multicast and reserved
};

bool is_public4(std::uint32_t ip) {
    return std::none_of(std::begin(special4), std::end(special4), [ip](const Block4& block) {
        return ip >> (32 - block.bits) == block.network >> (32 - block.bits);
    });
}

std::uint32_t v4_at(const address_v6::bytes_type& bytes, std::size_t at) {
    return std::uint32_t(bytes[at]) << 24 | std::uint32_t(bytes[at + 1]) << 16 | std::uint32_t(bytes[at + 2]) << 8 | bytes[at + 3];
}

bool begins_with(const address_v6::bytes_type& bytes, std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_public6(const address_v6::bytes_type& bytes) {
    if (begins_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return is_public4(v4_at(bytes, 12));  // mapped
    if (begins_with(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public4(v4_at(bytes, 12));  // NAT64
    if (begins_with(bytes, {0x20, 0x02})) return is_public4(v4_at(bytes, 2));                                   // 6to4
    if (begins_with(bytes, {0x20, 0x01, 0x0D, 0xB8}) || begins_with(bytes, {0x3F, 0xFF})) return false;         // documentation
    if (begins_with(bytes, {0x20, 0x01}) && bytes[2] < 2) return false;  // Teredo, ORCHID, benchmarks: 2001::/23
    return (bytes[0] & 0xE0) == 0x20;                                    // 2000::/3 is all that is given out
}

}  // namespace

bool is_public(const address& ip) { return ip.is_v4() ? is_public4(ip.to_v4().to_uint()) : is_public6(ip.to_v6().to_bytes()); }

}  // namespace livefair::net
