#include "gateway/answers.hpp"

#include <google/protobuf/util/json_util.h>
#include <livefair/v1/socket.pb.h>

#include "base/sentences.hpp"

namespace livefair::gateway {
Result<v1::ClientMessage> decode(const std::string& bytes, room::Format format) {
    v1::ClientMessage message;
    if (!room::is_json(format)) {
        if (!message.ParseFromString(bytes)) return make_error_code(Errc::invalid_input);
        return message;
    }
    // A newer client may send fields that this version does not know.
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    if (!google::protobuf::util::JsonStringToMessage(bytes, &message, options).ok()) return make_error_code(Errc::invalid_input);
    return message;
}

v1::ServerMessage done() {
    v1::ServerMessage message;
    message.mutable_done();
    return message;
}

v1::ServerMessage done(std::string_view code, std::string_view message_zh, std::string_view message_en) {
    v1::ServerMessage message;
    auto& body = *message.mutable_done();
    body.set_code(std::string(code));
    body.set_message_zh(std::string(message_zh));
    body.set_message_en(std::string(message_en));
    return message;
}

v1::ServerMessage removed(const RoomId& room) {
    v1::ServerMessage message;
    message.mutable_removed()->set_room_id(room.str());
    *message.mutable_removed()->mutable_why() = banned().failure();
    return message;
}

v1::ServerMessage banned() {
    return failure(Errc::forbidden, "您已被移出本直播间，暂时不能进入；如有疑问请联系客服。",
                   "You have been banned from this room for now; ask the shop's service if you think that is wrong.");
}

v1::ServerMessage failure(Errc code) {
    const auto sentences = sentences_of(code);
    return failure(code, sentences.zh, sentences.en);
}

v1::ServerMessage failure(Errc code, std::string_view message_zh, std::string_view message_en) {
    v1::ServerMessage message;
    auto& body = *message.mutable_failure();
    body.set_code(std::string(to_string(code)));
    body.set_message_zh(std::string(message_zh));
    body.set_message_en(std::string(message_en));
    return message;
}

}  // namespace livefair::gateway
