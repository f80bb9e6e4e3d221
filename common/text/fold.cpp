#include "text/fold.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <vector>

#include "base/check.hpp"

namespace livefair::text {
namespace {

using icu::UnicodeString;

/// A table of ICU's data; it is part of the library, so that a failure means a broken installation.
template <class Table>
const Table& checked(const Table* table, UErrorCode status) {
    LF_CHECK(U_SUCCESS(status) && table != nullptr);
    return *table;
}

const icu::Normalizer2& casefold() {
    UErrorCode status = U_ZERO_ERROR;
    return checked(icu::Normalizer2::getNFKCCasefoldInstance(status), status);
}

const icu::Normalizer2& decomposition() {
    UErrorCode status = U_ZERO_ERROR;
    return checked(icu::Normalizer2::getNFDInstance(status), status);
}

const USpoofChecker& spoof_checker() {
    static UErrorCode status = U_ZERO_ERROR;
    static const USpoofChecker* checker = uspoof_open(&status);
    return checked(checker, status);
}

UnicodeString from_utf8(std::string_view text) {
    return UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string to_utf8(const UnicodeString& text) {
    std::string utf8;
    return text.toUTF8String(utf8);
}

UnicodeString normalised(const icu::Normalizer2& form, const UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    auto result = form.normalize(text, status);
    LF_CHECK(U_SUCCESS(status));
    return result;
}

/// Calls `visit` with each code point.
template <class Visit>
void for_each(const UnicodeString& text, Visit visit) {
    for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) visit(text.char32At(at));
}

bool is_mark(UChar32 c) {
    const auto type = u_charType(c);
    return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
}

bool is_letter(UChar32 c) { return u_isalnum(c) || u_charType(c) == U_LETTER_NUMBER || u_charType(c) == U_OTHER_NUMBER; }

/// What stands between words and sentences in honest lines.
bool is_separator(UChar32 c) {
    static const UnicodeString marks = UnicodeString::fromUTF8(",.!?;:，。！？；：、…()（）[]【】《》“”\"'‘’—");
    return u_isUWhiteSpace(c) || marks.indexOf(c) >= 0;
}

/// A word and what stands after it, up to the next one.
struct Word {
    UnicodeString letters;
    UnicodeString gap;
    bool is_single() const { return letters.countChar32() == 1; }
    bool gap_separates = false;
};

std::vector<Word> words_of(const UnicodeString& text) {
    std::vector<Word> words(1);
    for_each(text, [&](UChar32 c) {
        if (!is_letter(c)) {
            words.back().gap.append(c);
            words.back().gap_separates |= is_separator(c);
            return;
        }
        if (!words.back().gap.isEmpty()) words.emplace_back();
        words.back().letters.append(c);
    });
    return words;
}

}  // namespace

std::string fold(std::string_view text) {
    const auto decomposed = normalised(decomposition(), normalised(casefold(), from_utf8(text)));
    UnicodeString folded;
    for_each(decomposed, [&](UChar32 c) {
        if (!is_mark(c)) folded.append(c);
    });
    return to_utf8(folded);
}

std::string join_spaced(std::string_view folded) {
    const auto words = words_of(from_utf8(folded));
    UnicodeString joined;
    for (std::size_t i = 0; i < words.size(); ++i) {
        joined.append(words[i].letters);
        const bool both_single = i + 1 < words.size() && words[i].is_single() && words[i + 1].is_single();
        if (words[i].gap_separates && !both_single) joined.append(words[i].gap);
    }
    return to_utf8(joined);
}

std::string squeeze(std::string_view folded) {
    constexpr UChar32 heavy_plus = 0x2795;
    UnicodeString squeezed;
    for_each(from_utf8(folded), [&](UChar32 c) {
        if (is_letter(c)) squeezed.append(c);
        else if (c == '+' || c == heavy_plus) squeezed.append(UChar32('+'));
    });
    return to_utf8(squeezed);
}

std::string skeleton(std::string_view text) {
    const auto letters = from_utf8(squeeze(fold(text)));
    UnicodeString alike;
    UErrorCode status = U_ZERO_ERROR;
    uspoof_getSkeletonUnicodeString(&spoof_checker(), 0, letters, alike, &status);
    LF_CHECK(U_SUCCESS(status));
    return fold(to_utf8(alike));
}

}  // namespace livefair::text
