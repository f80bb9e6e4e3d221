#include "push/client_session.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace livefair::push {
namespace {

namespace type = rtmp::message_type;
using rtmp::AmfValue;
using rtmp::AmfWriter;

constexpr char version = 3;
constexpr std::size_t block_bytes = 1536;
/// As ffmpeg has it: frames in few pieces, and every server takes it.
constexpr std::size_t sent_chunk_bytes = 60'000;
constexpr std::uint32_t control_stream = 2, command_stream = 3, audio_stream = 4, video_stream = 6;
constexpr std::uint64_t window_bytes_min = 64 * 1024;  // a smaller window would make us answer every packet
constexpr double connect_transaction = 1, release_transaction = 2, fc_publish_transaction = 3, create_transaction = 4, publish_transaction = 5,
                 goodbye_transaction = 6;
constexpr std::size_t words_bytes_max = 512;
/// A server has little to say to a publisher.
constexpr rtmp::ChunkLimits limits{64 * 1024, 128 * 1024, 16};

const AmfValue& value_at(const std::vector<AmfValue>& values, std::size_t index) {
    static const AmfValue null;
    return index < values.size() ? values[index] : null;
}

/// The first object that names a code: servers differ in where they put it.
const AmfValue& info_of(const std::vector<AmfValue>& values) {
    for (std::size_t i = 2; i < values.size(); ++i)
        if (values[i].find("code")) return values[i];
    return value_at(values, 3);
}

/// What connect says of us. AmfWriter makes objects of texts; the list of FourCCs goes before its end mark (3 bytes).
std::string connect_object(const ClientOptions& options) {
    AmfWriter writer;
    writer.object({{"app", options.app}, {"type", "nonprivate"}, {"flashVer", "FMLE/3.0 (compatible; Livefair)"}, {"tcUrl", options.tc_url}});
    auto object = writer.take();
    if (options.four_ccs.empty()) return object;
    constexpr std::string_view name = "fourCcList";
    constexpr std::uint64_t strict_array = 10;
    object.resize(object.size() - 3);
    ByteWriter list;
    list.big_endian(name.size(), 2).append(name).big_endian(strict_array, 1).big_endian(options.four_ccs.size(), 4);
    for (const auto& four_cc : options.four_ccs) list.append(AmfWriter().text(four_cc).take());
    return object + list.big_endian(9, 3).take();
}

/// A message in chunks of `chunk_bytes`; `head` and `data` are its payload.
std::string chunks_of(std::uint8_t message_type, std::uint32_t stream_id, std::uint32_t chunk_stream, std::uint32_t timestamp_ms,
                      std::string_view head, std::string_view data, std::size_t chunk_bytes) {
    rtmp::Message message{message_type, stream_id, timestamp_ms, {}};
    message.payload.reserve(head.size() + data.size());
    message.payload.append(head).append(data);
    return rtmp::write_chunks(message, chunk_stream, chunk_bytes);
}

}  // namespace

ClientSession::ClientSession(ClientOptions options) : options_(std::move(options)), chunks_(limits) {}

std::string ClientSession::hello() {
    std::string bytes(1, version);
    bytes.append(8, '\0');  // time, and four zeros that say "no digest"
    const auto filler = random_hex(16);
    while (bytes.size() < 1 + block_bytes) bytes += filler;
    bytes.resize(1 + block_bytes);
    return bytes;
}

Actions ClientSession::feed(std::string_view bytes) {
    received_bytes_ += bytes.size();
    while (!bytes.empty() && state_ != State::over) {
        if (state_ <= State::reply) {
            handshake(bytes);
            continue;
        }
        const auto message = chunks_.next(bytes);
        if (!message) end(to_errc(message.error()), "malformed chunk stream");
        else if (*message) on_message(**message);
    }
    acknowledge();
    return std::exchange(actions_, {});
}

/// S0, S1 and S2; S1 goes back as C2. S2 is counted, not compared.
void ClientSession::handshake(std::string_view& input) {
    if (state_ == State::version) {
        if (input.front() != version) return end(Errc::unsupported, "RTMP version is not 3");
        input.remove_prefix(1);
        state_ = State::block;
        return;
    }
    const auto count = std::min(input.size(), block_bytes - received_.size());
    received_ += input.substr(0, count);
    input.remove_prefix(count);
    if (received_.size() < block_bytes) return;
    if (state_ == State::block) {
        send(std::exchange(received_, {}));
        state_ = State::reply;
        return;
    }
    received_ = {};
    connect();
}

void ClientSession::on_message(const rtmp::Message& message) {
    if (message.type == type::command) return on_command(message.payload);
    // In practice: one zero byte, then AMF0 values.
    if (message.type == type::command_amf3 && !message.payload.empty()) return on_command(std::string_view(message.payload).substr(1));
    on_control(message);
}

void ClientSession::on_control(const rtmp::Message& message) {
    ByteReader in(message.payload);
    if (message.type == type::user_control) {
        constexpr std::uint64_t ping_request = 6, ping_response = 7;
        const auto event = in.big_endian(2);
        const auto time = in.big_endian(4);
        if (!event || *event != ping_request || !time) return;
        ByteWriter answer;
        answer.big_endian(ping_response, 2).big_endian(*time, 4);
        return send(rtmp::write_chunks({type::user_control, 0, 0, answer.take()}, control_stream, chunk_bytes_));
    }
    const bool takes_number = message.type == type::set_chunk_size || message.type == type::abort || message.type == type::window_size;
    if (!takes_number) return;
    const auto number = in.big_endian(4);
    if (!number) return end(Errc::invalid_input, "truncated control message");
    if (message.type == type::window_size) window_bytes_ = std::max(window_bytes_min, *number);
    if (message.type == type::abort) chunks_.abort(static_cast<std::uint32_t>(*number));
    if (message.type == type::set_chunk_size && !chunks_.set_chunk_size(static_cast<std::uint32_t>(*number)))
        end(Errc::invalid_input, "chunk size out of range");
}

void ClientSession::on_command(std::string_view body) {
    const auto values = rtmp::read_amf0(body);
    if (!values || value_at(*values, 0).kind != AmfValue::Kind::text) return end(Errc::invalid_input, "malformed command");
    const auto& name = (*values)[0].text;
    const auto transaction = value_at(*values, 1).number;
    if (name == "_result") return on_result(transaction, *values);
    if (name == "onStatus") return on_status(*values);
    // Of releaseStream and FCPublish an error means nothing: many servers don't know them.
    const bool matters = transaction == connect_transaction || transaction == create_transaction || transaction == publish_transaction;
    if (name == "_error" && matters) return refuse(*values);
    if (name == "close") end(Errc::closed, "closed by the platform");
}

void ClientSession::on_result(double transaction, const std::vector<AmfValue>& values) {
    if (state_ == State::connecting && transaction == connect_transaction) return create_stream();
    if (state_ != State::creating || transaction != create_transaction) return;
    const auto& id = value_at(values, 3);
    const bool is_id = id.kind == AmfValue::Kind::number && std::isfinite(id.number) && id.number >= 0 && id.number < 4'294'967'296.0;
    if (!is_id) return end(Errc::invalid_input, "createStream without a stream");
    publish(static_cast<std::uint32_t>(id.number));
}

void ClientSession::on_status(const std::vector<AmfValue>& values) {
    const auto& info = info_of(values);
    const auto code = info.text_of("code");
    if (info.text_of("level") == "error") return refuse(values);
    if (code == "NetStream.Publish.Start" && state_ == State::asking) {
        state_ = State::publishing;
        actions_.push_back(Started{});
    } else if (code == "NetStream.Unpublish.Success" || code == "NetConnection.Connect.Closed") {
        end(Errc::closed, "ended by the platform");
    }
}

void ClientSession::acknowledge() {
    if (state_ <= State::reply || state_ == State::over || received_bytes_ - acknowledged_bytes_ < window_bytes_) return;
    acknowledged_bytes_ = received_bytes_;
    control(type::acknowledgement, received_bytes_ & 0xFFFFFFFF);
}

void ClientSession::connect() {
    state_ = State::connecting;
    const auto name = AmfWriter().text("connect").number(connect_transaction).take();
    send(rtmp::write_chunks({type::command, 0, 0, name + connect_object(options_)}, command_stream, chunk_bytes_));
}

void ClientSession::create_stream() {
    state_ = State::creating;
    control(type::set_chunk_size, sent_chunk_bytes);
    chunk_bytes_ = sent_chunk_bytes;
    AmfWriter release, announce, create;
    release.text("releaseStream").number(release_transaction).null().text(options_.key);
    announce.text("FCPublish").number(fc_publish_transaction).null().text(options_.key);
    create.text("createStream").number(create_transaction).null();
    command(std::move(release));
    command(std::move(announce));
    command(std::move(create));
}

void ClientSession::publish(std::uint32_t stream_id) {
    state_ = State::asking;
    stream_id_ = stream_id;
    AmfWriter body;
    body.text("publish").number(publish_transaction).null().text(options_.key).text("live");
    command(std::move(body), stream_id_);
}

std::string ClientSession::goodbye() {
    AmfWriter unpublish, remove;
    unpublish.text("FCUnpublish").number(goodbye_transaction).null().text(options_.key);
    remove.text("deleteStream").number(goodbye_transaction + 1).null().number(stream_id_);
    return rtmp::write_chunks({type::command, 0, 0, unpublish.take()}, command_stream, chunk_bytes_) +
           rtmp::write_chunks({type::command, 0, 0, remove.take()}, command_stream, chunk_bytes_);
}

std::string ClientSession::video(std::uint32_t timestamp_ms, std::string_view head, std::string_view data) const {
    return chunks_of(type::video, stream_id_, video_stream, timestamp_ms, head, data, chunk_bytes_);
}

std::string ClientSession::audio(std::uint32_t timestamp_ms, std::string_view head, std::string_view data) const {
    return chunks_of(type::audio, stream_id_, audio_stream, timestamp_ms, head, data, chunk_bytes_);
}

std::string ClientSession::data(std::string_view body) const {
    return chunks_of(type::data, stream_id_, audio_stream, 0, body, {}, chunk_bytes_);
}

void ClientSession::command(AmfWriter body, std::uint32_t stream_id) {
    send(rtmp::write_chunks({type::command, stream_id, 0, body.take()}, command_stream, chunk_bytes_));
}

void ClientSession::control(std::uint8_t message_type, std::uint64_t value) {
    ByteWriter body;
    body.big_endian(value, 4);
    send(rtmp::write_chunks({message_type, 0, 0, body.take()}, control_stream, chunk_bytes_));
}

void ClientSession::send(std::string bytes) {
    if (state_ != State::over) actions_.push_back(Send{std::move(bytes)});
}

void ClientSession::refuse(const std::vector<AmfValue>& values) {
    const auto& info = info_of(values);
    state_ = State::over;
    actions_.push_back(Refused{std::string(info.text_of("code").substr(0, words_bytes_max)),
                               std::string(info.text_of("description").substr(0, words_bytes_max))});
}

void ClientSession::end(Errc reason, std::string why) {
    state_ = State::over;
    actions_.push_back(Ended{reason, std::move(why)});
}

}  // namespace livefair::push
