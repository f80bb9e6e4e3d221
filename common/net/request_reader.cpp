#include "net/request_reader.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "net/target.hpp"

namespace livefair::net {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;
using Fields = http::fields;

constexpr std::array<std::string_view, 6> methods = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};

std::string to_lower(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

int status_of(const boost::beast::error_code& ec) {
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow) return 431;
    if (ec == http::error::body_limit) return 413;
    if (ec == http::error::bad_version) return 505;
    return 400;
}

/// Rules on a whole header block that Beast leaves to us. Returns the status to refuse with, or 0.
int check_header(const Parser::value_type& message, std::size_t header_lines_max) {
    const auto lines = static_cast<std::size_t>(std::distance(message.begin(), message.end()));
    if (lines > header_lines_max) return 431;
    if (std::find(methods.begin(), methods.end(), message.method_string()) == methods.end()) return 405;
    const auto hosts = message.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && message.version() >= 11)) return 400;
    // Two lengths, or a length and chunks, are how a request is smuggled past a proxy (RFC 9112 §6.3).
    const auto encodings = message.count(http::field::transfer_encoding);
    const auto lengths = message.count(http::field::content_length);
    if (encodings + lengths > 1) return 400;
    if (encodings == 1 && (message.version() < 11 || to_lower(message[http::field::transfer_encoding]) != "chunked")) return 400;
    const auto expect = message[http::field::expect];
    if (!expect.empty() && to_lower(expect) != "100-continue") return 417;
    return 0;
}

}  // namespace

class RequestReader::Impl {
public:
    explicit Impl(Limits limits) : limits_(limits) { restart(); }

    State read(std::string_view& input) {
        // Beast wants to see an unfinished part again, in one piece, with what came since.
        const auto from_before = pending_.size();
        const std::string_view whole = from_before == 0 ? input : std::string_view(pending_.append(input));
        std::size_t taken = 0;
        const auto state = parse(whole, taken);
        const auto rest = whole.substr(taken);
        if (state == State::need_more || state == State::expects_continue) {
            pending_ = std::string(rest);
            input = {};
        } else {
            // A refusal may leave more than this input: bytes that were pending before it.
            input.remove_prefix(input.size() - std::min(input.size(), rest.size()));
            pending_.clear();
        }
        return state;
    }

    bool is_idle() const { return !has_begun_; }

    HttpRequest take_request() {
        auto message = parser_->release();
        HttpRequest request;
        request.method = message.method_string();
        request.path = std::move(target_.path);
        request.query = std::move(target_.query);
        for (const auto& field : message) request.headers.emplace_back(to_lower(field.name_string()), field.value());
        request.body = std::move(message.body());
        keeps_alive_ = message.keep_alive();
        restart();
        return request;
    }

    bool keeps_alive() const { return keeps_alive_; }
    int status() const { return status_; }

private:
    void restart() {
        parser_.emplace();
        parser_->eager(true);
        parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
        // Which of the two limits holds is known with the header; Beast has then read on already.
        parser_->body_limit(std::max(limits_.body_bytes_max, limits_.large_body_bytes_max));
        body_bytes_max_ = limits_.body_bytes_max;
        large_place_.reset();
        has_begun_ = has_checked_ = false;
    }

    State refuse(int status) {
        status_ = status;
        return State::refused;
    }

    State parse(std::string_view bytes, std::size_t& taken) {
        has_begun_ = has_begun_ || !bytes.empty();
        while (taken < bytes.size()) {
            boost::beast::error_code ec;
            const auto count = parser_->put(boost::asio::const_buffer(bytes.data() + taken, bytes.size() - taken), ec);
            taken += count;
            const bool needs_more = ec == http::error::need_more;
            if (ec && !needs_more) return refuse(status_of(ec));
            if (parser_->is_header_done() && !has_checked_) {
                if (const auto state = begin_body(); state != State::need_more) return state;
            }
            if (parser_->get().body().size() > body_bytes_max_) return refuse(413);
            if (parser_->is_done()) return State::complete;
            if (needs_more || count == 0) break;
        }
        return State::need_more;
    }

    /// The header is whole: checks it, and says whether the client waits to be told to go on.
    State begin_body() {
        has_checked_ = true;
        const auto& message = parser_->get();
        if (const int refused = check_header(message, limits_.header_lines_max)) return refuse(refused);
        auto target = parse_target(message.target());
        if (!target) return refuse(400);
        target_ = std::move(*target);
        if (message.method() == http::verb::post && target_.path == limits_.large_path && take_large_place())
            body_bytes_max_ = limits_.large_body_bytes_max;
        if (parser_->content_length().value_or(0) > body_bytes_max_) return refuse(413);
        const bool waits = message.count(http::field::expect) > 0 && !parser_->is_done();
        return waits ? State::expects_continue : State::need_more;
    }

    bool take_large_place() {
        auto places = limits_.large_places;
        if (!places) return false;
        if (places->fetch_sub(1) <= 0) {
            places->fetch_add(1);
            return false;
        }
        large_place_ = std::shared_ptr<void>(nullptr, [places](void*) { places->fetch_add(1); });
        return true;
    }

    const Limits limits_;
    std::optional<Parser> parser_;
    std::size_t body_bytes_max_ = 0;
    std::shared_ptr<void> large_place_;  ///< Held while a large body is read.
    std::string pending_;
    Target target_;
    bool has_begun_ = false;
    bool has_checked_ = false;
    bool keeps_alive_ = false;
    int status_ = 0;
};

RequestReader::RequestReader(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;
RequestReader::State RequestReader::read(std::string_view& input) { return impl_->read(input); }
bool RequestReader::is_idle() const { return impl_->is_idle(); }
HttpRequest RequestReader::take_request() { return impl_->take_request(); }
bool RequestReader::keeps_alive() const { return impl_->keeps_alive(); }
int RequestReader::status() const { return impl_->status(); }

}  // namespace livefair::net
