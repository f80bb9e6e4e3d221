#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <string>
#include <utility>

#include "net/http_client.hpp"
#include "support/run_task.hpp"

namespace livefair::test {

/// The client's end of a stream of server-sent events. Failing steps throw std::runtime_error.
class EventStream {
public:
    EventStream(net::asio::io_context& context, std::uint16_t port, const std::string& token) : context_(context), socket_(context), port_(port) {
        socket_.connect({net::asio::ip::address_v4::loopback(), port});
        std::string request = "GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n";
        if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
        net::asio::write(socket_, net::asio::buffer(request + "\r\n"));
        head_ = take_until("\r\n\r\n");
        if (head_.find("HTTP/1.1 200") != 0) throw std::runtime_error("no stream: " + head_);
        const auto welcome = boost::json::parse(next_data());
        id_ = std::string(welcome.at("welcome").at("streamId").as_string());
    }

    /// The data of the next event; empty at the end of the stream, whose code is in close_code() then.
    std::string next_data() {
        for (;;) {
            const auto block = take_until("\n\n");
            if (block.empty()) return {};
            constexpr std::string_view closing = "event: close\ndata: ", data = "data: ";
            if (block.starts_with(closing)) close_code_ = static_cast<std::uint16_t>(boost::json::parse(block.substr(closing.size())).at("code").as_int64());
            else if (block.starts_with(data)) return block.substr(data.size(), block.size() - data.size() - 2);
        }
    }
    /// Sends one message; returns the status.
    int post(const std::string& json) { return post_as(id_, json); }
    int post_as(const std::string& id, const std::string& json) {
        net::HttpHeaders headers{{"content-type", "application/json"}, {"livefair-stream", id}};
        return run_task(context_, net::http_request("POST", "http://127.0.0.1:" + std::to_string(port_) + "/api/v1/stream", headers, json, std::chrono::seconds(10)))
            .value()
            .status;
    }
    const std::string& head() const { return head_; }
    const std::string& id() const { return id_; }
    std::uint16_t close_code() const { return close_code_; }
    void drop() { socket_.close(); }

private:
    static net::Task<bool> read_until(EventStream& self, std::string text) {
        const auto [ec, count] = co_await net::asio::async_read_until(self.socket_, net::asio::dynamic_buffer(self.received_), text, net::as_result);
        self.found_ = count;
        co_return !ec;
    }
    std::string take_until(const std::string& text) {
        if (!run_task(context_, read_until(*this, text))) return {};
        auto taken = received_.substr(0, found_);
        received_.erase(0, found_);
        return taken;
    }

    net::asio::io_context& context_;
    net::asio::ip::tcp::socket socket_;
    std::uint16_t port_;
    std::string received_, head_, id_;
    std::size_t found_ = 0;
    std::uint16_t close_code_ = 0;
};

}  // namespace livefair::test
