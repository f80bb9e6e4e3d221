#include "codec/aac.hpp"

#include <array>

#include "codec/bit_reader.hpp"

namespace livefair::codec {
namespace {

constexpr std::array<int, 13> sample_rates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                              22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::array<int, 8> channel_counts = {0, 1, 2, 3, 4, 5, 6, 8};

}  // namespace

Result<AacConfig> parse_aac_config(std::string_view record) {
    constexpr std::uint32_t escape = 31, explicit_rate = 15, type_ps = 29;
    BitReader in(record);
    auto type = in.bits(5);
    if (type == escape) type = 32 + in.bits(6);
    const auto rate_index = in.bits(4);
    const auto rate = rate_index == explicit_rate         ? static_cast<int>(in.bits(24))
                      : rate_index < sample_rates.size() ? sample_rates[rate_index]
                                                         : 0;
    const auto channel_index = in.bits(4);
    if (!in.ok() || rate < 7350 || rate > 96000) return make_error_code(Errc::invalid_input);
    if (type == 0 || (type > 5 && type != type_ps)) return make_error_code(Errc::unsupported);
    // Index 0 means "described in the stream"; encoders of live streams name 1 to 7.
    if (channel_index == 0 || channel_index >= channel_counts.size()) return make_error_code(Errc::invalid_input);
    return AacConfig{std::string(record), "mp4a.40." + std::to_string(type), rate, channel_counts[channel_index]};
}

}  // namespace livefair::codec
