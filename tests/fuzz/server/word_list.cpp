#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/word_list.hpp"
#include "text/fold.hpp"

// The file of the words; a list that is taken can be searched.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    const auto list = livefair::gateway::WordList::parse(input, {});
    if (!list) return 0;
    if (list->size() > livefair::gateway::WordList::words_max) __builtin_trap();
    const auto folded = livefair::text::fold(input);
    (void)list->refuses(folded);
    (void)list->holds(livefair::text::squeeze(folded));
    return 0;
}
