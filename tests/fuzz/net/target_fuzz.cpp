// Any target: a path that is let through means the same to a file system as to us.
#include <filesystem>

#include "base/check.hpp"
#include "net/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto target = livefair::net::parse_target({reinterpret_cast<const char*>(data), size});
    if (!target) return 0;
    LF_CHECK(target->path.starts_with('/') && target->path.find('%') == std::string::npos);
    LF_CHECK(std::filesystem::path(target->path).lexically_normal() == target->path);
    LF_CHECK(target->query.size() <= 64);
    return 0;
}
