#include "support/rtmp_publisher.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <stdexcept>
#include <thread>

#include "base/bytes.hpp"
#include "rtmp/amf0.hpp"
#include "rtmp/chunk.hpp"

namespace livefair::test {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t handshake_bytes = 1536;
constexpr std::uint32_t extended = 0xFFFFFF;
constexpr std::uint32_t command_chunk_stream = 3, control_chunk_stream = 2;

int connect_to(const RtmpOptions& options) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options.port));
    ::inet_pton(AF_INET, options.host.c_str(), &address.sin_addr);
    if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        if (fd >= 0) ::close(fd);
        throw std::runtime_error("no RTMP server at " + options.host + ":" + std::to_string(options.port));
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/// The `connect` command's object: text members, a number, and the list of FourCCs as an AMF0 strict array.
std::string connect_object(const RtmpOptions& options) {
    ByteWriter out;
    const auto name = [&](std::string_view text) { out.big_endian(text.size(), 2).append(text); };
    const auto text = [&](std::string_view value) { out.big_endian(2, 1).big_endian(value.size(), 2).append(value); };
    out.big_endian(3, 1);
    name("app"), text(options.app);
    name("type"), text("nonprivate");
    name("flashVer"), text("FMLE/3.0 (compatible; livefair-test)");
    name("tcUrl"), text("rtmp://" + options.host + "/" + options.app);
    if (!options.four_ccs.empty()) {
        name("fourCcList");
        out.big_endian(10, 1).big_endian(options.four_ccs.size(), 4);
        for (const auto& code : options.four_ccs) text(code);
    }
    out.big_endian(9, 3);
    return out.take();
}

std::string basic_header(unsigned format, std::uint32_t id) {
    ByteWriter out;
    if (id < 64) return out.big_endian(format << 6 | id, 1).take();
    if (id < 320) return out.big_endian(format << 6, 1).big_endian(id - 64, 1).take();
    return out.big_endian(format << 6 | 1, 1).big_endian((id - 64) & 255, 1).big_endian((id - 64) >> 8, 1).take();
}

}  // namespace

class RtmpPublisher::Impl {
public:
    explicit Impl(RtmpOptions chosen) : options(std::move(chosen)), fd(connect_to(options)) {}
    ~Impl() {
        if (fd >= 0) ::close(fd);
    }

    struct Sent {
        std::uint32_t timestamp_ms = 0, delta_ms = 0, length = 0, stream_id = 0;
        std::uint8_t type = 0;
    };
    struct Answer {
        std::string name, code, description;
    };

    bool write(std::string_view bytes) {
        const auto end = Steady::now() + options.deadline;
        while (!bytes.empty() && !closed) {
            pollfd wait{fd, POLLIN | POLLOUT, 0};
            if (::poll(&wait, 1, 100) > 0) {
                if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_some();
                if ((wait.revents & POLLOUT) != 0 && !closed) {
                    const auto count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
                    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
                    if (count < 0 && errno != EAGAIN && errno != EINTR) closed = true;
                }
            }
            if (Steady::now() > end) throw std::runtime_error("the RTMP server does not read");
        }
        return !closed;
    }

    /// Reads what is there; false when nothing came within `most`.
    bool wait_read(std::chrono::milliseconds most) {
        pollfd wait{fd, POLLIN, 0};
        if (closed || ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(most.count(), 0))) <= 0) return false;
        read_some();
        return true;
    }

    void read_some() {
        std::array<char, 16384> buffer;
        const auto count = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0) {
            closed = true;
            return;
        }
        std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
        if (handshake_left > 0) {
            const auto taken = std::min(bytes.size(), handshake_left);
            bytes.remove_prefix(taken);
            handshake_left -= taken;
        }
        while (!bytes.empty()) {
            auto message = reader.next(bytes);
            if (!message) throw std::runtime_error("the RTMP server sent a malformed chunk stream");
            if (*message) on_message(**message);
        }
    }

    void on_message(const rtmp::Message& message) {
        if (message.type == rtmp::message_type::set_chunk_size)
            static_cast<void>(reader.set_chunk_size(static_cast<std::uint32_t>(ByteReader(message.payload).big_endian(4).value())));
        if (message.type != rtmp::message_type::command) return;
        const auto values = rtmp::read_amf0(message.payload);
        if (!values || values->empty()) throw std::runtime_error("the RTMP server sent a malformed command");
        const auto& information = values->size() > 3 ? (*values)[3] : rtmp::AmfValue();
        answers.push_back({values->front().text, std::string(information.text_of("code")), std::string(information.text_of("description"))});
    }

    /// The first answer of these names; those before it are dropped.
    Answer wait_answer(std::initializer_list<std::string_view> names, std::chrono::milliseconds deadline) {
        const auto end = Steady::now() + deadline;
        for (;;) {
            while (!answers.empty()) {
                auto answer = std::move(answers.front());
                answers.pop_front();
                if (std::find(names.begin(), names.end(), answer.name) == names.end()) continue;
                description = answer.description;
                return answer;
            }
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now());
            if (closed || left.count() <= 0) return {};
            wait_read(left);
        }
    }

    std::string to_chunks(std::uint32_t id, std::uint8_t type, std::uint32_t stream_id, std::uint32_t timestamp_ms, std::string_view body) {
        const auto length = static_cast<std::uint32_t>(body.size());
        const auto found = sent.find(id);
        unsigned format = 0;
        std::uint32_t time = timestamp_ms;
        if (options.headers == ChunkHeaders::shortest && found != sent.end()) {
            const auto& last = found->second;
            const auto delta = timestamp_ms - last.timestamp_ms;
            // A step back can't be said as a delta but by wrapping; encoders send a full header then.
            if (last.stream_id == stream_id && delta < 0x80000000U) {
                format = last.type != type || last.length != length ? 1 : last.delta_ms != delta ? 2 : 3;
                time = delta;
            }
        }
        sent[id] = {timestamp_ms, time, length, stream_id, type};
        const bool is_extended = time >= extended;
        ByteWriter out;
        out.append(basic_header(format, id));
        if (format < 3) out.big_endian(is_extended ? extended : time, 3);
        if (format < 2) out.big_endian(length, 3).big_endian(type, 1);
        if (format == 0)
            for (unsigned i = 0; i < 4; ++i) out.big_endian(stream_id >> (8 * i) & 255, 1);
        if (is_extended) out.big_endian(time, 4);
        for (std::size_t at = 0;;) {
            out.append(body.substr(at, chunk_size));
            at += chunk_size;
            if (at >= body.size()) return out.take();
            out.append(basic_header(3, id));
            if (is_extended && options.repeats_extended_timestamp) out.big_endian(time, 4);
        }
    }

    RtmpOptions options;
    int fd;
    bool closed = false;
    bool shook_hands = false;
    std::size_t handshake_left = 0;
    std::size_t chunk_size = 128;
    std::map<std::uint32_t, Sent> sent;
    rtmp::ChunkReader reader{rtmp::ChunkLimits{}};
    std::deque<Answer> answers;
    std::string description;
};

RtmpPublisher::RtmpPublisher(RtmpOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
RtmpPublisher::~RtmpPublisher() = default;
RtmpPublisher::RtmpPublisher(RtmpPublisher&&) noexcept = default;

void RtmpPublisher::handshake() {
    impl_->shook_hands = true;
    impl_->handshake_left = 1 + 2 * handshake_bytes;
    impl_->write(std::string(1, '\3') + std::string(handshake_bytes, '\0'));
    const auto end = Steady::now() + impl_->options.deadline;
    // C2 follows once S1 is there; what it holds is of no interest to servers.
    while (impl_->handshake_left > handshake_bytes && !impl_->closed) {
        impl_->wait_read(std::chrono::milliseconds(100));
        if (Steady::now() > end) throw std::runtime_error("the RTMP server does not shake hands");
    }
    impl_->write(std::string(handshake_bytes, '\0'));
}

std::string RtmpPublisher::publish(const std::string& key) {
    using rtmp::AmfWriter;
    if (!impl_->shook_hands) handshake();
    set_chunk_size(4096);
    send_command(AmfWriter().text("connect").number(1).take() + connect_object(impl_->options));
    if (impl_->wait_answer({"_result", "_error"}, impl_->options.deadline).name != "_result") return {};
    send_command(AmfWriter().text("releaseStream").number(2).null().text(key).take());
    send_command(AmfWriter().text("FCPublish").number(3).null().text(key).take());
    send_command(AmfWriter().text("createStream").number(4).null().take());
    send_command(AmfWriter().text("publish").number(5).null().text(key).text("live").take(), 1);
    return wait_status(impl_->options.deadline);
}

bool RtmpPublisher::send_message(std::uint8_t type, std::uint32_t timestamp_ms, std::string_view body) {
    const bool is_media = type == 8 || type == 9 || type == 18 || type == 22;
    const auto id = type == 8 ? impl_->options.audio_chunk_stream : is_media ? impl_->options.video_chunk_stream : command_chunk_stream;
    return impl_->write(impl_->to_chunks(id, type, is_media ? 1 : 0, timestamp_ms, body));
}

bool RtmpPublisher::send_command(std::string_view body, std::uint32_t stream_id) {
    return impl_->write(impl_->to_chunks(command_chunk_stream, rtmp::message_type::command, stream_id, 0, body));
}

bool RtmpPublisher::send_raw(std::string_view bytes) { return impl_->write(bytes); }

bool RtmpPublisher::set_chunk_size(std::uint32_t bytes) {
    const auto body = ByteWriter().big_endian(bytes, 4).take();
    const bool is_sent = impl_->write(impl_->to_chunks(control_chunk_stream, rtmp::message_type::set_chunk_size, 0, 0, body));
    impl_->chunk_size = bytes;
    return is_sent;
}

bool RtmpPublisher::play(const FlvClip& clip, double speed) {
    const auto start = Steady::now();
    for (const auto& tag : clip.tags) {
        if (speed > 0) {
            const std::chrono::duration<double, std::milli> after(static_cast<double>(tag.at_ms) / speed);
            std::this_thread::sleep_until(start + std::chrono::duration_cast<Steady::duration>(after));
        }
        if (!send(tag)) return false;
    }
    return true;
}

std::string RtmpPublisher::wait_status(std::chrono::milliseconds deadline) {
    return impl_->wait_answer({"onStatus", "_error"}, deadline).code;
}

const std::string& RtmpPublisher::last_description() const { return impl_->description; }

bool RtmpPublisher::closes_within(std::chrono::milliseconds deadline) {
    const auto end = Steady::now() + deadline;
    while (!impl_->closed && Steady::now() < end) impl_->wait_read(std::chrono::milliseconds(20));
    return impl_->closed;
}

bool RtmpPublisher::is_closed() const { return impl_->closed; }

void RtmpPublisher::unpublish() {
    send_command(rtmp::AmfWriter().text("FCUnpublish").number(6).null().take());
    send_command(rtmp::AmfWriter().text("deleteStream").number(7).null().number(1).take());
    ::shutdown(impl_->fd, SHUT_RDWR);
    impl_->closed = true;
}

void RtmpPublisher::reset() {
    const linger at_once{1, 0};
    ::setsockopt(impl_->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(impl_->fd, -1));
    impl_->closed = true;
}

int RtmpPublisher::socket() const { return impl_->fd; }

}  // namespace livefair::test
