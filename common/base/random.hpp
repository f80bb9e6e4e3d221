#pragma once

#include <cstddef>
#include <string>

namespace livefair {

/// `byte_count` bytes from the kernel, as lower-case hex (two characters a byte). 16 bytes make a secret.
std::string random_hex(std::size_t byte_count);

}  // namespace livefair
