#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.hpp"

namespace livefair::gateway {

/// Words that chat lines are searched for. Immutable once parsed, and thread-safe then. A search is O(characters of the line * log words).
class WordList {
public:
    static constexpr std::size_t file_bytes_max = 1 << 20;
    static constexpr std::size_t words_max = 50'000;

    /// `file`: one word a line; empty lines and lines that begin with '#' say nothing; "hold:" or "refuse:" (the default) before a word says
    /// what becomes of a line with it. `refused`: words besides, all refused. Words are plain text, compared folded (text/fold.hpp).
    /// Errors: invalid_input - not UTF-8; too_large - over file_bytes_max or words_max.
    static Result<WordList> parse(std::string_view file, const std::vector<std::string>& refused);

    /// `folded`: a line after text::fold().
    bool refuses(std::string_view folded) const;
    /// `squeezed`: a line after text::squeeze() as well: a person looks at what is held, so that two words which make a third do no harm.
    bool holds(std::string_view squeezed) const;
    /// Words, without those that begin with another one.
    std::size_t size() const { return refused_.size() + held_.size(); }

private:
    void add_refused(std::string_view word);
    void add_line(std::string_view line);

    std::vector<std::string> refused_, held_;  ///< In order of bytes; none begins with another.
};

}  // namespace livefair::gateway
