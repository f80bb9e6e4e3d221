#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "bench/fanout/measurements.hpp"
#include "gateway/chat_filter.hpp"

namespace livefair::bench {
namespace {

constexpr int line_count = 20'000;

/// Characters from a set of 2,000, as in the words of such lists and in chat.
std::string text_of(std::mt19937& random, std::uint32_t length) {
    std::string text;
    for (; length > 0; --length) {
        const auto c = 0x4E00 + random() % 2000;
        text += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
    return text;
}

gateway::WordList list_of(std::mt19937& random, std::size_t count) {
    std::string file;
    for (std::size_t i = 0; i < count; ++i) file += (i % 2 ? "hold:" : "") + text_of(random, 3 + random() % 3) + "\n";
    return gateway::WordList::parse(file, {}).value();
}

}  // namespace

void measure_words(const FanoutOptions&) {
    std::mt19937 random(1);
    std::vector<std::string> lines;
    for (int i = 0; i < line_count; ++i) lines.push_back(text_of(random, 8) + "，" + text_of(random, 8) + "5斤装？");
    std::printf("\nThe chat filter on one thread, %d lines\n\n| words | lines a second | shown |\n|---|---|---|\n", line_count);
    for (const std::size_t count : {std::size_t(0), std::size_t(5000), gateway::WordList::words_max}) {
        const auto list = list_of(random, count);
        int shown = 0;
        const auto begin = std::chrono::steady_clock::now();
        for (const auto& line : lines) shown += gateway::judge(list, line) == gateway::Verdict::show;
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        std::printf("| %zu | %.0f | %d |\n", count, line_count / took.count(), shown);
    }
}

}  // namespace livefair::bench
