#pragma once

#include <cstdint>

namespace livefair::test {

/// Begin of the log of one file; see powerloss_shim.cpp.
struct PowerLossHeader {
    std::uint64_t durable_bytes;  ///< Length of the file at its last sync; what is beyond is lost.
    std::uint64_t log_bytes;      ///< Of the log, with this header.
};
/// Then such an entry for each unsynced overwriting, oldest first, followed by the bytes that it overwrote.
struct PowerLossEntry {
    std::uint64_t offset, bytes;
};

}  // namespace livefair::test
