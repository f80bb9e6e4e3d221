#include <cstddef>
#include <cstdint>
#include <string>

#include "commerce/alipay_wire.hpp"
#include "commerce/sandbox_notify.hpp"

// What is parsed of webhooks and answers: forms and amounts before any signature has been checked, bodies after.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto fields = livefair::commerce::parse_form(text)) {
        const auto again = livefair::commerce::parse_form(livefair::commerce::to_form(*fields));
        if (again != fields) __builtin_trap();
        (void)livefair::commerce::alipay_signed_text(*fields);
    }
    if (const auto fen = livefair::commerce::fen_of_yuan(text); fen && *fen < 0) __builtin_trap();
    (void)livefair::commerce::parse_sandbox_body(text);
    (void)livefair::commerce::whole_number(text);
    return 0;
}
