#include "base/card_number.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace livefair {

namespace {

constexpr std::size_t digits_min = 13, digits_max = 19;

bool has_right_check_digit(std::string_view digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int value = digits[digits.size() - 1 - i] - '0';
        if (i % 2 == 1) value = value < 5 ? value * 2 : value * 2 - 9;
        sum += value;
    }
    return sum % 10 == 0;
}

/// Cards group their digits 4-4-4-4-3 or 4-6-5; a telephone number with its extension is not grouped so.
bool is_grouped_as_a_card(const std::vector<std::size_t>& groups) {
    if (groups.size() == 1) return true;
    const auto is_four = [](std::size_t size) { return size == 4; };
    return std::all_of(groups.begin(), groups.end() - 1, is_four) || groups == std::vector<std::size_t>{4, 6, 5} ||
           groups == std::vector<std::size_t>{4, 6, 4};
}

/// Digits that follow each other, with at most one space or hyphen between two of them.
class Run {
public:
    void add(char digit) {
        if (groups_.empty() || is_separated_) groups_.push_back(0);
        is_separated_ = false;
        ++groups_.back();
        digits_ += digit;
    }
    /// Whether the run may go on behind a separator.
    bool separate() {
        const bool was_separated = is_separated_;
        is_separated_ = true;
        return !digits_.empty() && !was_separated;
    }
    bool is_card() const {
        return digits_.size() >= digits_min && digits_.size() <= digits_max && is_grouped_as_a_card(groups_) &&
               has_right_check_digit(digits_);
    }

private:
    std::string digits_;
    std::vector<std::size_t> groups_;
    bool is_separated_ = false;
};

/// The digit that begins at `at`, half or full width (U+FF10 to U+FF19, EF BC 90 to 99), and its length; length 0:
/// none.
std::pair<char, std::size_t> digit_at(std::string_view text, std::size_t at) {
    const char c = text[at];
    if (c >= '0' && c <= '9') return {c, 1};
    const auto wide = text.substr(at, 3);
    if (wide.size() < 3 || !wide.starts_with("\xEF\xBC")) return {'0', 0};
    const int value = static_cast<unsigned char>(wide[2]) - 0x90;
    if (value < 0 || value > 9) return {'0', 0};
    return {static_cast<char>('0' + value), 3};
}

}  // namespace

bool has_card_number(std::string_view text) {
    Run run;
    for (std::size_t at = 0; at < text.size();) {
        const auto [digit, length] = digit_at(text, at);
        if (length > 0) {
            run.add(digit);
            at += length;
            continue;
        }
        const bool is_separator = text[at] == ' ' || text[at] == '-';
        ++at;
        if (is_separator && run.separate()) continue;
        if (run.is_card()) return true;
        run = {};
    }
    return run.is_card();
}

}  // namespace livefair
