#include "rtmp/session.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "rtmp/aggregate.hpp"

namespace livefair::rtmp {
namespace {

constexpr std::size_t sent_chunk_bytes = 4096;
constexpr std::uint32_t control_chunk_stream = 2, command_chunk_stream = 3, status_chunk_stream = 5;
constexpr std::uint64_t window_bytes_min = 64 * 1024;  // a smaller window would make us answer every packet
constexpr int streams_max = 8;
constexpr std::uint32_t publish_stream_id = 1;
constexpr std::size_t name_bytes_max = 512;

std::string big_endian(std::uint64_t value, std::size_t width) {
    ByteWriter writer;
    return writer.big_endian(value, width).take();
}

const AmfValue& value_at(const std::vector<AmfValue>& values, std::size_t index) {
    static const AmfValue null;
    return index < values.size() ? values[index] : null;
}

/// Messages of the AMF3 types begin with a format byte of 0, and AMF0 follows (values switch to AMF3 one by one).
/// Where it is missing, a string's marker comes first.
bool begins_with_format(std::string_view payload) { return !payload.empty() && payload.front() == 0; }

/// "key?token=1" names the stream "key": some encoders append a query.
std::string without_query(std::string_view name) { return std::string(name.substr(0, name.find('?'))); }

/// The information object of connect's answer. What we take is named to those who speak enhanced RTMP ("Enhancing NetConnection
/// connect Command"); others keep the answer they have always had.
void write_connected(AmfWriter& answer, const AmfValue& wishes) {
    constexpr double can_forward = 4, takes_mod_ex = 4;
    answer.begin_object().member("level").text("status").member("code").text("NetConnection.Connect.Success");
    answer.member("description").text("connected").member("objectEncoding").number(wishes.number_of("objectEncoding", 0) == 3 ? 3 : 0);
    const bool is_enhanced = wishes.find("fourCcList") || wishes.find("videoFourCcInfoMap") || wishes.find("capsEx");
    if (is_enhanced) {
        answer.member("capsEx").number(takes_mod_ex).member("fourCcList").array({"avc1", "hvc1", "av01", "mp4a"});
        answer.member("videoFourCcInfoMap").object({}, {{"avc1", can_forward}, {"hvc1", can_forward}, {"av01", can_forward}});
        answer.member("audioFourCcInfoMap").object({}, {{"mp4a", can_forward}});
    }
    answer.end_object();
}

}  // namespace

Actions Session::feed(std::string_view bytes) {
    received_bytes_ += bytes.size();
    run(bytes);
    acknowledge();
    return std::exchange(actions_, {});
}

Actions Session::accept_publish() {
    if (state_ != State::asked) return {};
    state_ = State::publishing;
    send_control(message_type::user_control, big_endian(0, 2) + big_endian(publish_stream_id, 4));  // StreamBegin
    send_status("status", "NetStream.Publish.Start", "publishing");
    const auto unread = std::exchange(unread_, {});
    run(unread);
    return std::exchange(actions_, {});
}

Actions Session::refuse(std::string_view code, std::string_view description) {
    if (state_ == State::closed) return {};
    send_status("error", code, description);
    close(Errc::forbidden, std::string(code));
    return std::exchange(actions_, {});
}

void Session::run(std::string_view input) {
    if (state_ == State::handshake) {
        auto answer = handshake_.feed(input);
        if (!answer) return close(to_errc(answer.error()), "RTMP version is not 3");
        if (!answer->empty()) send(std::move(*answer));
        if (handshake_.is_done()) state_ = State::greeted;
    }
    while (!input.empty() && state_ != State::closed) {
        if (state_ == State::asked) {
            unread_ += input;
            return;
        }
        auto message = chunks_.next(input);
        if (!message) return close(to_errc(message.error()), "malformed chunk stream");
        if (*message) on_message(std::move(**message));
    }
}

void Session::close(Errc reason, std::string why) {
    state_ = State::closed;
    actions_.push_back(Closed{reason, std::move(why)});
}

void Session::acknowledge() {
    if (state_ == State::closed || state_ == State::handshake || received_bytes_ - acknowledged_bytes_ < window_bytes_) return;
    acknowledged_bytes_ = received_bytes_;
    send_control(message_type::acknowledgement, big_endian(received_bytes_ & 0xFFFFFFFF, 4));
}

void Session::on_message(Message message) {
    switch (message.type) {
        case message_type::audio:
        case message_type::video:
        case message_type::data:
            return on_media(std::move(message));
        case message_type::data_amf3:
            message.payload.erase(0, begins_with_format(message.payload) ? 1 : 0);
            message.type = message_type::data;
            return on_media(std::move(message));
        case message_type::aggregate:
            return on_aggregate(message);
        case message_type::command:
            return on_command(message.payload);
        case message_type::command_amf3:
            return on_command(std::string_view(message.payload).substr(begins_with_format(message.payload) ? 1 : 0));
        default:
            return on_control(message);
    }
}

void Session::on_media(Message message) {
    if (state_ != State::publishing) return;
    const auto kind = message.type == message_type::audio   ? Media::Kind::audio
                      : message.type == message_type::video ? Media::Kind::video
                                                            : Media::Kind::data;
    actions_.push_back(Media{kind, message.timestamp_ms, std::move(message.payload)});
}

void Session::on_aggregate(const Message& message) {
    auto parts = split_aggregate(message);
    if (!parts) return close(to_errc(parts.error()), "malformed aggregate");
    for (auto& part : *parts) {
        const bool is_media = part.type == message_type::audio || part.type == message_type::video || part.type == message_type::data;
        if (is_media) on_media(std::move(part));
    }
}

void Session::on_control(const Message& message) {
    ByteReader in(message.payload);
    if (message.type == message_type::user_control) {
        constexpr std::uint64_t ping_request = 6, ping_response = 7;
        const auto event = in.big_endian(2);
        if (event && *event == ping_request && in.left() == 4)
            send_control(message_type::user_control, big_endian(ping_response, 2) + std::string(in.rest()));
        return;
    }
    const bool takes_number = message.type == message_type::set_chunk_size || message.type == message_type::abort ||
                              message.type == message_type::window_size || message.type == message_type::peer_bandwidth;
    if (!takes_number) return;  // acknowledgements and types of the future ask nothing of us
    const auto number = in.big_endian(4);
    if (!number) return close(Errc::invalid_input, "truncated control message");
    if (message.type == message_type::set_chunk_size) {
        if (!chunks_.set_chunk_size(static_cast<std::uint32_t>(*number))) close(Errc::invalid_input, "chunk size out of range");
    } else if (message.type == message_type::abort) {
        chunks_.abort(static_cast<std::uint32_t>(*number));
    } else if (message.type == message_type::peer_bandwidth) {
        send_control(message_type::window_size, big_endian(*number, 4));  // section 5.4.5
    } else {
        window_bytes_ = std::max(window_bytes_min, *number);
    }
}

void Session::on_command(std::string_view body) {
    auto values = read_amf0(body);
    if (!values) return close(to_errc(values.error()), "malformed command");
    if (value_at(*values, 0).kind != AmfValue::Kind::text) return close(Errc::invalid_input, "command without a name");
    const auto transaction = value_at(*values, 1).number;
    const Command command{(*values)[0].text, transaction, std::move(*values)};
    if (command.name == "connect") return on_connect(command);
    if (state_ == State::greeted) return close(Errc::invalid_input, "command before connect");
    if (command.name == "createStream") return on_create_stream(command);
    if (command.name == "publish") return on_publish(command);
    if (command.name == "releaseStream") return send_result(command.transaction, AmfWriter().null());
    if (command.name == "FCPublish") return send_command(AmfWriter().text("onFCPublish").number(0).null().take(), 0);
    if (command.name == "FCUnpublish" || command.name == "deleteStream" || command.name == "closeStream") {
        if (state_ == State::publishing) close(Errc::closed, "unpublished");
        return;
    }
    if (command.name == "play" || command.name == "play2") {
        send_status("error", "NetStream.Play.Failed", "Livefair takes streams over RTMP and plays them over HLS");
        close(Errc::unsupported, "play");
    }
}

void Session::on_connect(const Command& command) {
    if (state_ != State::greeted) return close(Errc::invalid_input, "connect twice");
    const auto& wishes = value_at(command.values, 2);
    const auto app = wishes.text_of("app");
    if (app.size() > name_bytes_max) return close(Errc::too_large, "application name too long");
    app_ = without_query(app);
    state_ = State::connected;
    send_control(message_type::window_size, big_endian(2'500'000, 4));
    send_control(message_type::peer_bandwidth, big_endian(2'500'000, 4) + big_endian(2, 1));  // 2: dynamic
    send_control(message_type::set_chunk_size, big_endian(sent_chunk_bytes, 4));
    AmfWriter answer;
    answer.object({{"fmsVer", "FMS/3,0,1,123"}}, {{"capabilities", 31}});
    write_connected(answer, wishes);
    send_result(command.transaction, std::move(answer));
}

void Session::on_create_stream(const Command& command) {
    if (++streams_made_ > streams_max) return close(Errc::too_large, "too many streams");
    send_result(command.transaction, AmfWriter().null().number(publish_stream_id));
}

void Session::on_publish(const Command& command) {
    if (state_ != State::connected) return close(Errc::invalid_input, "publish twice");
    const auto& name = value_at(command.values, 3);
    if (name.kind != AmfValue::Kind::text || name.text.size() > name_bytes_max)
        return close(Errc::invalid_input, "publish without a name");
    state_ = State::asked;
    actions_.push_back(PublishRequested{app_, without_query(name.text)});
}

void Session::send_result(double transaction, AmfWriter values) {
    send_command(AmfWriter().text("_result").number(transaction).take() + values.take(), 0);
}

void Session::send_status(std::string_view level, std::string_view code, std::string_view description) {
    AmfWriter body;
    body.text("onStatus").number(0).null().object({{"level", level}, {"code", code}, {"description", description}});
    send(write_chunks({message_type::command, publish_stream_id, 0, body.take()}, status_chunk_stream, sent_chunk_bytes));
}

void Session::send_command(std::string body, std::uint32_t stream_id) {
    send(write_chunks({message_type::command, stream_id, 0, std::move(body)}, command_chunk_stream, sent_chunk_bytes));
}

void Session::send_control(std::uint8_t type, std::string body) {
    send(write_chunks({type, 0, 0, std::move(body)}, control_chunk_stream, 128));
}

}  // namespace livefair::rtmp
