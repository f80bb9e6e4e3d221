#include "room/wire.hpp"

#include <google/protobuf/util/json_util.h>
#include <livefair/v1/socket.pb.h>

#include "base/check.hpp"

namespace livefair::room {

std::string encode(const v1::ServerMessage& message, Format format) {
    if (!is_json(format)) return message.SerializeAsString();
    std::string json;
    LF_CHECK(google::protobuf::util::MessageToJsonString(message, &json).ok());
    return json;
}

SharedBytes to_frame(std::string_view encoded, Format format) {
    // Of less than this, what is saved is not worth the work at either end.
    constexpr std::size_t deflated_bytes_min = 200;
    if (format == Format::events) return share_bytes(std::string("data: ").append(encoded).append("\n\n"));
    const auto opcode = is_json(format) ? net::Opcode::text : net::Opcode::binary;
    const bool is_deflated = (format == Format::proto_deflated || format == Format::json_deflated) && encoded.size() >= deflated_bytes_min;
    return share_bytes(is_deflated ? net::deflated_wire_frame(opcode, encoded) : net::wire_frame(opcode, encoded));
}

std::string with_request_id(std::string_view encoded, std::uint32_t request_id, Format format) {
    if (request_id == 0) return std::string(encoded);
    if (is_json(format))
        return "{\"requestId\":" + std::to_string(request_id) + "," + std::string(encoded.substr(1));
    // Fields of a protobuf message may stand in any order: the id alone, as a message, and then the rest.
    v1::ServerMessage id_alone;
    id_alone.set_request_id(request_id);
    return id_alone.SerializeAsString().append(encoded);
}

}  // namespace livefair::room
