#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.hpp"
#include "redis/reply.hpp"

/// RESP2 without sockets: command to bytes, bytes to replies.
namespace livefair::redis {

/// Appends one command (name and arguments, any bytes) to `out`.
void append_command(std::string& out, const std::vector<std::string>& command);

/// Reads replies off a byte stream that arrives in pieces. Not thread-safe.
class ReplyReader {
public:
    /// One reply may take `reply_bytes_max` bytes on the wire.
    explicit ReplyReader(std::size_t reply_bytes_max = 64 * 1024 * 1024);
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);
    /// The next whole reply; nullopt when more bytes are needed.
    /// Errors: invalid_input - not RESP2, or nested deeper than 7; too_large. The stream is useless from then on.
    Result<std::optional<Reply>> next();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::redis
