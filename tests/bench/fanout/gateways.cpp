#include "bench/fanout/gateways.hpp"

#include <livefair/v1/room.pb.h>
#include <livefair/v1/socket.pb.h>
#include <sys/stat.h>

#include <stdexcept>

#include "support/run_task.hpp"

namespace livefair::bench {
namespace {

test::House::Settings unlimited(test::House::Settings settings) {
    // Limits hold for each address, and all viewers come from this machine.
    std::string addresses;
    for (int i = 1; i <= 8; ++i) addresses += (i > 1 ? ",127.0.0." : "127.0.0.") + std::to_string(i);
    settings.insert({"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", addresses});
    return settings;
}

std::string join_message(const std::string& room, const std::string& epoch, std::int64_t seq) {
    v1::ClientMessage message;
    message.set_request_id(1);
    message.mutable_join()->set_room_id(room);
    message.mutable_join()->set_epoch(epoch);
    message.mutable_join()->set_seq(seq);
    return message.SerializeAsString();
}

}  // namespace

Livefair::Livefair(test::House::Settings settings)
    : house_(unlimited(std::move(settings))), redis_(house_.context().get_executor(), house_.redis().options()), bus_(redis_, std::chrono::seconds(1), 1000) {
    redis_.start();
}

Door Livefair::viewer() { return viewer_of("room-a"); }

Door Livefair::viewer_of(const std::string& room, const std::string& epoch, std::int64_t seq) {
    return {house_.port(), "/ws", "livefair.v1.proto", "", join_message(room, epoch, seq)};
}

void Livefair::speak_in(const std::string& room, const std::string& role) {
    room_ = room;
    role_ = role;
}

Door Livefair::speaker() {
    auto door = viewer_of(room_);
    door.headers = "Authorization: Bearer " + (role_.empty() ? house_.buyer("speaker") : house_.staff_of(room_, role_)) + "\r\n";
    return door;
}

void Livefair::say(Audience& audience, std::size_t speaker, const std::string& text) {
    v1::ClientMessage message;
    message.mutable_say()->set_room_id(room_);
    message.mutable_say()->set_text(text);
    audience.send(speaker, message.SerializeAsString());
}

bool Livefair::is_welcome(std::string_view message) {
    v1::ServerMessage own;
    return own.ParseFromArray(message.data(), static_cast<int>(message.size())) && own.has_snapshot();
}

const v1::ServerMessage& Livefair::parsed(std::string_view message) {
    if (message == last_message_) return last_parsed_;
    last_message_ = message;
    last_lines_.clear();
    if (!last_parsed_.ParseFromString(last_message_)) throw std::runtime_error("a viewer got no ServerMessage");
    if (last_parsed_.has_failure()) throw std::runtime_error("refused: " + last_parsed_.failure().message_en());
    for (const auto& event : last_parsed_.events().events())
        if (event.event().has_chat()) last_lines_.push_back(event.event().chat().text());
    return last_parsed_;
}

const std::vector<std::string>& Livefair::lines_in(std::string_view message) {
    parsed(message);
    return last_lines_;
}

void Livefair::publish_stock(std::int64_t left) {
    v1::RoomEvent event;
    event.mutable_stock()->set_offer_id("offer-a1");
    event.mutable_stock()->set_left(left);
    if (!test::run_task(house_.context(), bus_.publish(RoomId("room-a"), std::move(event)))) throw std::runtime_error("a stock was not told");
}

std::int64_t Livefair::viewers_in(const std::string& room) {
    return test::run_task(house_.context(), bus_.count(RoomId(room), {})).value().viewers;
}

std::int64_t Livefair::redis_commands() {
    redis::Client::Command ask{"INFO", "stats"};
    const auto info = test::run_task(house_.context(), redis_.command(std::move(ask))).value().text;
    constexpr std::string_view name = "total_commands_processed:";
    return std::stoll(info.substr(info.find(name) + name.size()));
}

Nchan::Nchan() : port_(free_port()) {
    ::chmod(folder_.path().c_str(), 0777);  // the worker runs as another user
    nginx_ = start_nginx(folder_.path(),
                         "load_module /usr/lib/nginx/modules/ngx_nchan_module.so;\n"
                         "worker_processes 1; daemon off; pid nginx.pid; error_log nginx.err warn; worker_rlimit_nofile 20000;\n"
                         "events { worker_connections 16000; use epoll; }\n"
                         "http { access_log off; tcp_nodelay on; nchan_max_reserved_memory 256M;\n"
                         "  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;\n"
                         "  server { listen 127.0.0.1:" + std::to_string(port_) + " backlog=4096;\n"
                         "    location = /sub { nchan_subscriber websocket; nchan_channel_id room; nchan_subscriber_first_message newest; }\n"
                         "    location = /pub { nchan_publisher websocket; nchan_channel_id room; nchan_message_buffer_length 100;"
                         " nchan_message_timeout 60s; } } }\n",
                         port_);
}

const std::vector<std::string>& Nchan::lines_in(std::string_view message) {
    line_ = {std::string(message)};
    return line_;
}

}  // namespace livefair::bench
