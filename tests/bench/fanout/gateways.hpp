#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/fanout/audience.hpp"
#include "bench/nginx.hpp"
#include "integration/room/house.hpp"
#include "room/bus.hpp"

namespace livefair::bench {

/// A server that gives every line of one room to all its viewers; a process of its own, fresh.
class Gateway {
public:
    virtual ~Gateway() = default;
    virtual std::string name() const = 0;
    virtual pid_t pid() = 0;
    /// Of what it needs besides, such as Redis; 0: nothing.
    virtual pid_t helper() { return 0; }
    virtual Door viewer() = 0;
    virtual Door speaker() = 0;
    virtual void say(Audience& audience, std::size_t speaker, const std::string& text) = 0;
    /// Whether it tells a viewer that it is in the room, and whether this message does.
    virtual bool welcomes() const { return false; }
    virtual bool is_welcome(std::string_view) { return false; }
    /// The lines in a message that a viewer got, in order. Valid until the next call.
    virtual const std::vector<std::string>& lines_in(std::string_view message) = 0;
};

/// livefair-server with a Redis of its own; the lines are viewers' chat in "room-a" unless speak_in() says otherwise.
class Livefair final : public Gateway {
public:
    explicit Livefair(test::House::Settings settings);
    std::string name() const override { return "Livefair"; }
    pid_t pid() override { return house_.server().pid(); }
    pid_t helper() override { return house_.redis().pid(); }
    Door viewer() override;
    Door speaker() override;
    void say(Audience& audience, std::size_t speaker, const std::string& text) override;
    bool welcomes() const override { return true; }
    bool is_welcome(std::string_view message) override;
    const std::vector<std::string>& lines_in(std::string_view message) override;
    /// A message that a viewer got. Valid until the next call; all viewers get the same bytes, which are parsed once.
    const v1::ServerMessage& parsed(std::string_view message);

    /// A viewer of `room`; one who comes back names the epoch and the seq it had.
    Door viewer_of(const std::string& room, const std::string& epoch = {}, std::int64_t seq = 0);
    /// From now on speaker() and say() are of this room, in this role ("HOST"; empty: a viewer).
    void speak_in(const std::string& room, const std::string& role);
    /// Tells room-a of a stock of offer-a1, as the till does.
    void publish_stock(std::int64_t left);
    /// Connections in a room, over all gateways.
    std::int64_t viewers_in(const std::string& room);
    /// Commands that Redis has carried out.
    std::int64_t redis_commands();
    test::House& house() { return house_; }

private:
    test::House house_;
    redis::Client redis_;
    room::Bus bus_;
    std::string room_ = "room-a", role_;
    std::string last_message_;
    v1::ServerMessage last_parsed_;
    std::vector<std::string> last_lines_;
};

/// Debian's nginx with Nchan, one worker, channel buffer of 100 messages.
class Nchan final : public Gateway {
public:
    Nchan();
    std::string name() const override { return "Nchan"; }
    pid_t pid() override { return nginx_->pid(); }
    Door viewer() override { return {port_, "/sub"}; }
    Door speaker() override { return {port_, "/pub"}; }
    void say(Audience& audience, std::size_t speaker, const std::string& text) override { audience.send(speaker, text, true); }
    const std::vector<std::string>& lines_in(std::string_view message) override;

private:
    test::TemporaryFolder folder_;
    int port_;
    std::unique_ptr<Nginx> nginx_;
    std::vector<std::string> line_;
};

}  // namespace livefair::bench
