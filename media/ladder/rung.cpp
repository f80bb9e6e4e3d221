#include "ladder/rung.hpp"

#include <charconv>

namespace livefair::ladder {

Result<Rung> parse_rung(std::string_view name) {
    int height = 0;
    const auto [at, error] = std::from_chars(name.data(), name.data() + name.size(), height);
    const bool is_whole = error == std::errc{} && std::string_view(at, static_cast<std::size_t>(name.data() + name.size() - at)) == "p";
    if (!is_whole || name.starts_with('0') || height < 144 || height > 2160 || height % 2 != 0) return make_error_code(Errc::invalid_input);
    // Four bits a second for each pixel of a square as high as the picture: what live x264 "veryfast" needs for people and hands.
    return Rung{std::string(name), height, std::int64_t{4} * height * height};
}

}  // namespace livefair::ladder
