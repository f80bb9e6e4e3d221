#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/database.hpp"

/// Statements and values between our form and PostgreSQL's. No connection is needed for any of it.
namespace livefair::ledger::postgres {

/// `sql` with each `?` outside texts, names and comments as $1, $2, ...
struct Numbered {
    std::string sql;
    std::size_t parameters = 0;
};
Numbered number_parameters(std::string_view sql);

/// An INSERT of one row of parameters and plain constants as COPY, for many rows: PostgreSQL reads a table's rules once, and needs no plan.
struct CopyIn {
    std::string sql;
    std::vector<std::optional<std::string>> items;  ///< Of a row; nullopt: a parameter.
};
/// Nullopt: `sql` is of another form than `INSERT INTO t (...) VALUES (...)`.
std::optional<CopyIn> copy_in(std::string_view sql);
/// Adds a line of COPY's text form. As many values as `copy` has parameters.
void add_copy_line(std::string& lines, const CopyIn& copy, std::span<const ValueView> row);

/// One letter for each value: 0 NULL, 1 an integer, 2 a text. What a statement is prepared for.
std::string types_of(std::span<const ValueView> values);
/// PostgreSQL's types for such letters. An integer is declared as int8 whatever its column is, so that none is too large
/// to be compared with it.
std::vector<unsigned> declared(std::string_view types);

/// Texts as one parameter, the text form of TEXT[].
std::string text_array(std::span<const std::string> texts);

/// Values as libpq wants them: integers in binary form, texts with their length, so that a byte that PostgreSQL does not
/// take (NUL) gets there and is refused rather than cut off here. Refers to the texts it is given.
class Parameters {
public:
    Parameters() = default;
    // A copy's pointers would be the original's; what is moved stays where it is.
    Parameters(const Parameters&) = delete;
    Parameters& operator=(const Parameters&) = delete;
    Parameters(Parameters&&) = default;
    Parameters& operator=(Parameters&&) = default;

    void add(std::span<const ValueView> values);
    int count() const { return static_cast<int>(pointers_.size()); }
    const char* const* pointers() const { return pointers_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

private:
    std::deque<std::array<char, 8>> integers_;  ///< A deque leaves them where they are.
    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

/// A column of an answer in text form. sum() of BIGINT is NUMERIC there and an integer here; true and false are 1 and 0.
/// Nullopt: no value of the ledger's (a fraction, an integer over 64 bits, another type).
std::optional<Value> read_value(unsigned type, std::string_view text);

/// By SQLSTATE: classes 22 and 23 are rules, 40001 and 40P01 are crossed, 08 and 57P are lost.
Trouble trouble_of(std::string_view sqlstate);

}  // namespace livefair::ledger::postgres
