#pragma once

#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::rtmp {

/// The server's side of the RTMP handshake (RTMP 1.0 section 5.2). Clients that send a digest in C1 are answered in the simple form,
/// which all of them take. C2 is counted, not compared: old encoders send anything there.
class Handshake {
public:
    /// Takes what belongs to the handshake off `input`; returns the bytes to send (S0, S1 and S2, once).
    /// Errors: Errc::unsupported - C0 names a version other than 3 (6 is RTMPE).
    Result<std::string> feed(std::string_view& input);
    bool is_done() const { return state_ == State::done; }

private:
    enum class State { hello, reply, done };
    State state_ = State::hello;
    std::string received_;
};

}  // namespace livefair::rtmp
