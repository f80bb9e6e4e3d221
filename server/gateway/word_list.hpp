#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.hpp"

namespace livefair::gateway {

/// Words that chat lines are searched for, compiled into two automata. Immutable and thread-safe; a search is O(length of the line),
/// however many words there are.
class WordList {
public:
    static constexpr std::size_t file_bytes_max = 1 << 20;
    static constexpr std::size_t words_max = 50'000;

    /// No words.
    WordList();
    ~WordList();
    WordList(WordList&&) noexcept;
    WordList& operator=(WordList&&) noexcept;

    /// `file`: one word a line; empty lines and lines that begin with '#' say nothing; "hold:" or "refuse:" (the default) before a word says
    /// what becomes of a line with it. `refused`: words besides, all refused. Words are plain text, compared folded (text/fold.hpp).
    /// Errors: invalid_input - not UTF-8; too_large - over file_bytes_max, words_max or what the automata may take.
    static Result<WordList> parse(std::string_view file, const std::vector<std::string>& refused);

    /// `folded`: a line after text::fold().
    bool refuses(std::string_view folded) const;
    /// `squeezed`: a line after text::squeeze() as well: a person looks at what is held, so that two words which make a third do no harm.
    bool holds(std::string_view squeezed) const;
    std::size_t size() const { return size_; }

private:
    struct Automata;
    std::unique_ptr<const Automata> automata_;
    std::size_t size_ = 0;
};

}  // namespace livefair::gateway
