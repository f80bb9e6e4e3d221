#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace livefair::codec {

constexpr int side_min = 16, side_max = 8192;  ///< Of a picture, in pixels.

/// Takes the emulation prevention bytes (00 00 03) out of a NAL unit.
std::string to_rbsp(std::string_view nal);

/// Whether `frame` is a chain of length-prefixed NAL units that ends where the frame ends; Annex B bytes are not,
/// nor are lengths of another width than the record says.
bool is_nal_chain(std::string_view frame, std::size_t nal_length_bytes);

}  // namespace livefair::codec
