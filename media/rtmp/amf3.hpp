#pragma once

#include <cstddef>
#include <string_view>

#include "rtmp/amf0.hpp"

namespace livefair::rtmp {

struct Amf3Read {
    AmfValue value;
    std::size_t bytes = 0;   ///< Taken off the input.
    std::size_t values = 0;  ///< Read, for the caller's count.
};

/// Reads one AMF3 value (Action Message Format 3), as it follows AMF0's switch marker. Integers become numbers, arrays objects
/// (the items of the dense part have no name). A reference to an earlier object or array is read as null: no command holds one,
/// and copies of copies would grow without bound. Its tables of strings and traits are its own.
/// Errors: Errc::invalid_input (truncated, unknown marker, a reference to nothing), too_large (a limit, or 256 KiB of text),
/// unsupported (externalizable objects, vectors, dictionaries).
Result<Amf3Read> read_amf3(std::string_view bytes, AmfLimits limits);

}  // namespace livefair::rtmp
