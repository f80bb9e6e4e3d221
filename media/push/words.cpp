#include "push/words.hpp"

#include <algorithm>
#include <vector>

#include "net/utf8.hpp"

namespace livefair::push {
namespace {

constexpr std::size_t words_bytes_max = 200, piece_bytes_min = 4;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// The key, and its parts between signs: a platform may repeat them decoded or in another order.
std::vector<std::string_view> pieces_of(std::string_view key) {
    std::vector<std::string_view> pieces = {key};
    for (std::size_t at = 0; at < key.size();) {
        std::size_t end = at;
        while (end < key.size() && is_word(key[end])) ++end;
        if (end - at >= piece_bytes_min) pieces.push_back(key.substr(at, end - at));
        at = end + 1;
    }
    // Long ones first, so that a piece of one does not hide the rest of it.
    std::stable_sort(pieces.begin(), pieces.end(), [](auto a, auto b) { return a.size() > b.size(); });
    return pieces;
}

void mask(std::string& text, std::string_view piece) {
    constexpr std::string_view stars = "***";
    if (piece.empty()) return;
    for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + stars.size())) text.replace(at, piece.size(), stars);
}

}  // namespace

std::string shown_words(std::string_view code, std::string_view description, std::string_view key) {
    std::string text(code);
    if (!description.empty()) text.append(text.empty() ? "" : ": ").append(description);
    for (const auto piece : pieces_of(key)) mask(text, piece);
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    text.erase(std::remove_if(text.begin(), text.end(), is_control), text.end());
    text.resize(std::min(text.size(), words_bytes_max));
    // A character that was cut in two.
    for (int i = 0; i < 3 && !text.empty() && !net::is_utf8(text); ++i) text.pop_back();
    return net::is_utf8(text) ? text : "?";
}

}  // namespace livefair::push
