#include "push/connection.hpp"

#include <array>
#include <utility>

#include "push/flv_writer.hpp"
#include "push/words.hpp"

namespace livefair::push {
namespace {

namespace asio = net::asio;
using net::as_result;

constexpr std::size_t write_bytes = 64 * 1024;
constexpr std::size_t read_bytes = 4096;

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, const PushOptions& options, auth::PushTarget target,
                       std::function<void()> on_live)
    : options_(options),
      target_(std::move(target)),
      on_live_(std::move(on_live)),
      queue_(options.queue_bytes),
      deadline_(executor),
      more_(executor) {}

net::Task<Outcome> Connection::run() {
    const auto self = shared_from_this();
    const auto url = net::parse_rtmp_url(target_.url);
    if (!url) co_return Outcome{true, "address not valid"};
    guard();
    const auto opened = co_await open(*url);
    if (!opened) {
        close();
        if (is_late_) co_return lost("timed out");
        if (opened.error() == Errc::forbidden) co_return Outcome{true, "address not allowed"};
        if (opened.error() == Errc::unauthenticated) co_return Outcome{true, "certificate not valid"};
        co_return lost(opened.error() == Errc::not_found ? "no such host" : "not reachable");
    }
    session_.emplace(ClientOptions{url->app, url->tc_url(), target_.key, {"hvc1", "av01"}});
    out_ = session_->hello();
    net::spawn(co_await asio::this_coro::executor, write_loop(), "push_write");
    auto outcome = co_await converse();
    close();
    co_return outcome;
}

net::Task<Result<>> Connection::open(const net::RtmpUrl& url) {
    const auto endpoints = co_await resolve(url, options_.allow_private);
    if (!endpoints) co_return endpoints.error();
    if (is_closed_) co_return make_error_code(Errc::closed);
    link_ = Link::make(co_await asio::this_coro::executor, url);
    co_return co_await link_->connect(*endpoints);
}

net::Task<Outcome> Connection::converse() {
    std::array<char, read_bytes> buffer;
    for (;;) {
        const auto count = co_await link_->read_some(buffer.data(), buffer.size());
        if (!count) co_return lost(is_late_ ? (is_live_ ? "too slow" : "timed out") : "closed by the platform");
        if (is_closed_) co_return lost("closed");
        if (auto outcome = perform(session_->feed(std::string_view(buffer.data(), *count)))) co_return std::move(*outcome);
    }
}

std::optional<Outcome> Connection::perform(Actions actions) {
    std::optional<Outcome> outcome;
    for (auto& action : actions) {
        if (auto* send = std::get_if<Send>(&action)) out_ += send->bytes;
        if (auto* refused = std::get_if<Refused>(&action)) outcome = Outcome{true, shown_words(refused->code, refused->description, target_.key)};
        if (auto* ended = std::get_if<Ended>(&action)) outcome = lost(ended->why);
        if (std::holds_alternative<Started>(action)) {
            is_live_ = true;
            disarm();
            if (tracks_) queue_.push(tracks_);
            on_live_();
        }
    }
    // A server that makes us answer without end and takes nothing.
    if (out_.size() > options_.queue_bytes) outcome = lost("too slow");
    more_.cancel();
    return outcome;
}

Outcome Connection::lost(std::string why) const { return {false, std::move(why)}; }

void Connection::on_tracks(std::shared_ptr<const stream::Tracks> tracks) {
    tracks_ = std::move(tracks);
    if (is_live_) queue_.push(tracks_);
}

void Connection::on_packet(const stream::Packet& packet) {
    if (!is_live_) return;
    queue_.push(packet);
    more_.cancel();
}

net::Task<> Connection::write_loop() {
    const auto self = shared_from_this();
    while (!is_closed_) {
        const auto bytes = next_bytes();
        if (bytes.empty() && is_leaving_) co_return close();
        if (bytes.empty()) {
            more_.expires_at(asio::steady_timer::time_point::max());
            co_await more_.async_wait(as_result);
            continue;
        }
        // Until it is live the guard of the whole beginning holds.
        const bool is_media = is_live_;
        if (is_media) guard();
        const auto written = co_await link_->write(bytes);
        if (!written) co_return close();
        if (is_media) disarm();
        sent_bytes_ += bytes.size();
    }
}

std::string Connection::next_bytes() {
    auto bytes = std::exchange(out_, {});
    while (is_live_ && bytes.size() < write_bytes) {
        const auto item = queue_.pop();
        if (!item) break;
        bytes += encode(*item);
    }
    return bytes;
}

std::string Connection::encode(const Queue::Item& item) {
    if (item.tracks) return headers_of(*(sent_tracks_ = item.tracks));
    const auto& packet = item.packet;
    const auto at_ms = timestamp_of(packet);
    if (packet.track == stream::Track::audio) return session_->audio(at_ms, audio_frame_head(), packet.data());
    return session_->video(at_ms, video_frame_head(sent_tracks_->video->kind, packet), packet.data());
}

std::string Connection::headers_of(const stream::Tracks& tracks) {
    auto bytes = session_->data(metadata_body(tracks));
    if (tracks.video) bytes += session_->video(newest_ms_, video_config_body(tracks), {});
    if (tracks.audio) bytes += session_->audio(newest_ms_, audio_config_body(tracks), {});
    return bytes;
}

/// From 0 at the connection's first packet; a track that begins a little earlier is put there, too.
std::uint32_t Connection::timestamp_of(const stream::Packet& packet) {
    if (!first_us_) first_us_ = packet.dts_us;
    newest_ms_ = static_cast<std::uint32_t>(std::max<std::int64_t>(packet.dts_us - *first_us_, 0) / 1000);
    return newest_ms_;
}

void Connection::guard() {
    deadline_.expires_after(options_.stall);
    deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
        const auto self = weak.lock();
        // Disarmed or armed again while this was on its way.
        if (ec || !self || self->deadline_.expiry() > std::chrono::steady_clock::now()) return;
        self->is_late_ = true;
        self->close();
    });
}

void Connection::disarm() { deadline_.expires_at(asio::steady_timer::time_point::max()); }

void Connection::leave() {
    if (!is_live_ || is_closed_ || !queue_.empty()) return close();
    is_leaving_ = true;
    out_ += session_->goodbye();
    more_.cancel();
}

void Connection::close() {
    is_closed_ = true;
    deadline_.cancel();
    more_.cancel();
    if (link_) link_->close();
}

}  // namespace livefair::push
