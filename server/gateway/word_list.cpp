#include "gateway/word_list.hpp"

#include <re2/re2.h>

#include "net/utf8.hpp"
#include "text/fold.hpp"

namespace livefair::gateway {
namespace {

/// Of each automaton: its program and the states that searches have met. 50,000 words of four characters take a quarter of it.
constexpr std::int64_t automaton_bytes_max = 64 << 20;
constexpr std::string_view hold_prefix = "hold:", refuse_prefix = "refuse:", byte_order_mark = "\xEF\xBB\xBF";

struct Words {
    std::vector<std::string> refused, held;
    std::size_t size() const { return refused.size() + held.size(); }
};

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

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

void add_refused(Words& words, std::string_view word) {
    auto folded = text::fold(word);
    // Lines are joined before they are searched, so the word is, too.
    if (auto joined = text::join_spaced(folded); !joined.empty()) words.refused.push_back(std::move(joined));
}

void add_line(Words& words, std::string_view line) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#') return;
    if (!take_prefix(line, hold_prefix)) {
        take_prefix(line, refuse_prefix);
        return add_refused(words, line);
    }
    if (auto squeezed = text::squeeze(text::fold(line)); !squeezed.empty()) words.held.push_back(std::move(squeezed));
}

/// Null when there are no words.
Result<std::unique_ptr<const re2::RE2>> compile(const std::vector<std::string>& words) {
    if (words.empty()) return std::unique_ptr<const re2::RE2>();
    std::string pattern;
    for (const auto& word : words) {
        if (!pattern.empty()) pattern += '|';
        pattern += re2::RE2::QuoteMeta(word);
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(automaton_bytes_max);
    options.set_never_capture(true);
    auto automaton = std::make_unique<const re2::RE2>(pattern, options);
    if (!automaton->ok()) return make_error_code(Errc::too_large);
    return automaton;
}

bool finds(const std::unique_ptr<const re2::RE2>& automaton, std::string_view text) {
    return automaton && re2::RE2::PartialMatch(piece(text), *automaton);
}

}  // namespace

struct WordList::Automata {
    std::unique_ptr<const re2::RE2> refuse, hold;
};

WordList::WordList() : automata_(std::make_unique<const Automata>()) {}
WordList::~WordList() = default;
WordList::WordList(WordList&&) noexcept = default;
WordList& WordList::operator=(WordList&&) noexcept = default;

Result<WordList> WordList::parse(std::string_view file, const std::vector<std::string>& refused) {
    if (file.size() > file_bytes_max) return make_error_code(Errc::too_large);
    if (!net::is_utf8(file)) return make_error_code(Errc::invalid_input);
    if (file.starts_with(byte_order_mark)) file.remove_prefix(byte_order_mark.size());
    Words words;
    for (const auto& word : refused) add_refused(words, word);
    while (!file.empty() && words.size() <= words_max) {
        const auto end = file.find('\n');
        add_line(words, file.substr(0, end));
        file.remove_prefix(end == file.npos ? file.size() : end + 1);
    }
    if (words.size() > words_max) return make_error_code(Errc::too_large);
    auto refuse = compile(words.refused), hold = compile(words.held);
    if (!refuse || !hold) return make_error_code(Errc::too_large);
    WordList list;
    list.automata_ = std::make_unique<const Automata>(Automata{std::move(*refuse), std::move(*hold)});
    list.size_ = words.size();
    return list;
}

bool WordList::refuses(std::string_view folded) const { return automata_->refuse && finds(automata_->refuse, text::join_spaced(folded)); }

bool WordList::holds(std::string_view squeezed) const { return finds(automata_->hold, squeezed); }

}  // namespace livefair::gateway
