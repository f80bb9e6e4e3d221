#include "rtmp/handshake.hpp"

#include <algorithm>
#include <cstddef>

#include "base/random.hpp"

namespace livefair::rtmp {
namespace {

constexpr char version = 3;
constexpr std::size_t block_bytes = 1536;

void take(std::string_view& input, std::string& into, std::size_t wanted) {
    const auto count = std::min(input.size(), wanted - into.size());
    into += input.substr(0, count);
    input.remove_prefix(count);
}

/// S0, S1 (time 0, four zero bytes that say "no digest", filler that differs between connections) and S2 (C1 sent back).
std::string answer_to(std::string_view c1) {
    std::string answer(1, version);
    answer.append(8, '\0');
    const auto filler = random_hex(16);
    while (answer.size() < 1 + block_bytes) answer += filler;
    answer.resize(1 + block_bytes);
    answer += c1;
    return answer;
}

}  // namespace

Result<std::string> Handshake::feed(std::string_view& input) {
    std::string answer;
    if (state_ == State::hello) {
        take(input, received_, 1 + block_bytes);
        if (!received_.empty() && received_.front() != version) return make_error_code(Errc::unsupported);
        if (received_.size() < 1 + block_bytes) return answer;
        answer = answer_to(std::string_view(received_).substr(1));
        received_.clear();
        state_ = State::reply;
    }
    if (state_ == State::reply) {
        take(input, received_, block_bytes);
        if (received_.size() == block_bytes) {
            state_ = State::done;
            received_ = {};
        }
    }
    return answer;
}

}  // namespace livefair::rtmp
