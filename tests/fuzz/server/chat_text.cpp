#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/chat_filter.hpp"
#include "gateway/chat_text.hpp"

// Whatever is sent as a line. What was cleaned once is clean, and is within its bound.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace livefair::gateway;
    static const auto words = WordList::parse("假货\nfuck\nhold:刷单\n", {}).value();
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    (void)judge(words, input);
    const auto cleaned = clean_chat_text(input, 200);
    if (!cleaned) return 0;
    if (cleaned->empty() || cleaned->size() > 800 || clean_chat_text(*cleaned, 200).value() != *cleaned) __builtin_trap();
    // The filter sees through what cleaning takes out.
    if (judge(words, *cleaned) == Verdict::show && judge(words, *cleaned + " 假货") != Verdict::refuse) __builtin_trap();
    return 0;
}
