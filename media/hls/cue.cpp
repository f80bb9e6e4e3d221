#include "hls/cue.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace livefair::hls {
namespace {

/// A quoted-string holds no quotes and no line ends (RFC 8216bis 4.2); other control characters have no business in a title.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') {
            out += "”";
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            out += ' ';
        } else {
            out += c;
        }
    }
    return out + "\"";
}

}  // namespace

std::string date_time(std::int64_t unix_ms) {
    const std::time_t time = unix_ms / 1000;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 64> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(unix_ms % 1000));
    return std::string(text.data(), length) + fraction.data();
}

std::string render_cue(const Cue& cue) {
    std::string line = "#EXT-X-DATERANGE:ID=" + in_quotes(cue.id) +
                       (cue.kind == Cue::Kind::pin ? ",CLASS=\"cn.livefair.pin\"" : ",CLASS=\"cn.livefair.sale\"") + ",START-DATE=\"" +
                       date_time(cue.start_ms) + "\"";
    if (cue.planned_end_ms) {
        std::array<char, 32> seconds{};
        std::snprintf(seconds.data(), seconds.size(), "%.3f", static_cast<double>(*cue.planned_end_ms - cue.start_ms) / 1000);
        line += std::string(",PLANNED-DURATION=") + seconds.data();
    }
    if (cue.end_ms) line += ",END-DATE=\"" + date_time(*cue.end_ms) + "\"";
    // A decimal attribute value stands without quotes and takes any integer below 2^64.
    return line + ",X-OFFER-ID=" + in_quotes(cue.offer_id) + ",X-TITLE=" + in_quotes(cue.title) + ",X-PRICE-FEN=" + std::to_string(cue.price_fen);
}

}  // namespace livefair::hls
