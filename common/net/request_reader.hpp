#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace livefair::net {

/// Reads HTTP/1.1 requests off a byte stream, without sockets (Beast's parser behind a pimpl). After `refused` it is of no more use.
class RequestReader {
public:
    struct Limits {
        std::size_t header_bytes_max = 8192;
        std::size_t header_lines_max = 100;
        std::size_t body_bytes_max = 65'536;
        /// A POST to this path may have a body of `large_body_bytes_max`, as long as one of the places is free; empty:
        /// none may.
        std::string large_path = {};
        std::size_t large_body_bytes_max = 0;
        std::shared_ptr<std::atomic<int>> large_places = {};
    };
    enum class State {
        need_more,        ///< All input was taken and the request is not whole.
        expects_continue, ///< Once a request: the client waits for "100 Continue" before it sends the body.
        complete,         ///< take_request() has it.
        refused,          ///< Answer with status() and close.
    };
    explicit RequestReader(Limits limits);
    ~RequestReader();

    /// Takes bytes off the front of `input`, at most up to the end of the request.
    State read(std::string_view& input);
    /// True before the first byte of a request.
    bool is_idle() const;
    /// The whole request, without address; the reader then starts anew.
    HttpRequest take_request();
    /// Whether the client wants the connection kept after the request that take_request() gave.
    bool keeps_alive() const;
    /// Of a refusal: 400, 405, 413, 417, 431 or 505.
    int status() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::net
