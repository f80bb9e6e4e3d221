#include "gateway/word_list.hpp"

#include <algorithm>
#include <iterator>

#include "net/utf8.hpp"
#include "text/fold.hpp"

namespace livefair::gateway {
namespace {

constexpr std::string_view hold_prefix = "hold:", refuse_prefix = "refuse:", byte_order_mark = "\xEF\xBB\xBF";

using Words = std::vector<std::string>;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const auto first = text.find_first_not_of(blank);
    return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text = trimmed(text.substr(prefix.size()));
    return true;
}

/// Puts the words in order and takes out those that begin with another one, which is found before them.
void make_searchable(Words& words) {
    std::sort(words.begin(), words.end());
    Words kept;
    for (auto& word : words)
        if (kept.empty() || !word.starts_with(kept.back())) kept.push_back(std::move(word));
    words = std::move(kept);
}

/// Whether one of the words stands at the beginning of `text`. If one does, it is the last one that is not behind `text` in order:
/// whatever lay between them would begin with it.
bool begins_with_one(std::string_view text, const Words& words) {
    const auto behind = std::upper_bound(words.begin(), words.end(), text);
    return behind != words.begin() && text.starts_with(*std::prev(behind));
}

bool finds(const Words& words, std::string_view text) {
    if (words.empty()) return false;
    for (; !text.empty(); text.remove_prefix(1)) {
        const bool is_continuation = (static_cast<unsigned char>(text.front()) & 0xC0) == 0x80;
        if (!is_continuation && begins_with_one(text, words)) return true;
    }
    return false;
}

}  // namespace

void WordList::add_refused(std::string_view word) {
    // Lines are joined before they are searched, so the word is, too.
    if (auto joined = text::join_spaced(text::fold(word)); !joined.empty()) refused_.push_back(std::move(joined));
}

void WordList::add_line(std::string_view line) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#') return;
    if (!take_prefix(line, hold_prefix)) {
        take_prefix(line, refuse_prefix);
        return add_refused(line);
    }
    if (auto squeezed = text::squeeze(text::fold(line)); !squeezed.empty()) held_.push_back(std::move(squeezed));
}

Result<WordList> WordList::parse(std::string_view file, const std::vector<std::string>& refused) {
    if (file.size() > file_bytes_max) return make_error_code(Errc::too_large);
    if (!net::is_utf8(file)) return make_error_code(Errc::invalid_input);
    if (file.starts_with(byte_order_mark)) file.remove_prefix(byte_order_mark.size());
    WordList list;
    for (const auto& word : refused) list.add_refused(word);
    while (!file.empty() && list.size() <= words_max) {
        const auto end = file.find('\n');
        list.add_line(file.substr(0, end));
        file.remove_prefix(end == file.npos ? file.size() : end + 1);
    }
    if (list.size() > words_max) return make_error_code(Errc::too_large);
    make_searchable(list.refused_);
    make_searchable(list.held_);
    return list;
}

bool WordList::refuses(std::string_view folded) const { return !refused_.empty() && finds(refused_, text::join_spaced(folded)); }

bool WordList::holds(std::string_view squeezed) const { return finds(held_, squeezed); }

}  // namespace livefair::gateway
