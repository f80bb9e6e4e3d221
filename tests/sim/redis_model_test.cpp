// The model Redis of the simulator has to answer as the real one does: same commands, same replies, same data.
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <iostream>

#include "commerce/till.hpp"
#include "redis/client.hpp"
#include "sim/lua_library.hpp"
#include "sim/random.hpp"
#include "sim/redis_data.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

using namespace livefair;
using sim::Command;
using sim::Reply;

namespace {

std::string text_of(const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::nil:
            return "nil";
        case Reply::Kind::integer:
            return std::to_string(reply.integer);
        case Reply::Kind::error:
            return "error " + reply.text.substr(0, reply.text.find(' '));
        case Reply::Kind::text:
            return "\"" + reply.text + "\"";
        case Reply::Kind::array:
            break;
    }
    std::string text = "[";
    for (const auto& item : reply.items) text += text_of(item) + " ";
    return text + "]";
}

/// Both Redises, the same commands.
class Pair {
public:
    Pair() {
        auto options = server_.options();
        options.libraries = {std::string(commerce::till_library())};
        client_ = std::make_unique<redis::Client>(io_.get_executor(), options);
        client_->start();
        library_.load(std::string(commerce::till_library()));
    }
    ~Pair() {
        client_->stop();
        io_.restart();
        io_.run_for(std::chrono::milliseconds(50));
    }

    Reply both(const Command& command) {
        const auto real = test::run_task(io_, client_->call(command, std::chrono::seconds(5)));
        REQUIRE(real.has_value());
        const auto modelled = model(command);
        std::string words;
        for (const auto& word : command) words += word + " ";
        INFO(words);
        REQUIRE(text_of(modelled) == text_of(*real));
        return modelled;
    }

private:
    Reply model(const Command& command) {
        const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        if (command[0] != "FCALL") return data_.execute(command, now_us);
        const auto keys = std::stoull(command[2]);
        const auto first_arg = command.begin() + 3 + static_cast<std::ptrdiff_t>(keys);
        return library_.call(command[1], {command.begin() + 3, first_arg}, {first_arg, command.end()},
                             [&](const Command& inner) { return data_.execute(inner, now_us); });
    }

    net::asio::io_context io_;
    test::RedisServer server_;
    std::unique_ptr<redis::Client> client_;
    sim::RedisData data_;
    sim::LuaLibrary library_;
};

std::string pick(sim::Random& random, const std::vector<std::string>& words) {
    return random.pick(words);
}

Command random_command(sim::Random& random, std::int64_t turn) {
    const auto hash = pick(random, {"h1", "h2", "text"});
    const auto zset = pick(random, {"z1", "z2"});
    const auto field = pick(random, {"a", "b", "c"});
    const auto number = std::to_string(random.below(50));
    const auto id = std::to_string(1000 + turn) + "-" + std::to_string(random.below(3));
    const std::vector<Command> commands = {
        {"SET", pick(random, {"text", "t1", "t2"}), number},
        {"SET", pick(random, {"text", "t1", "t2"}), number, "PX", "600000"},
        {"GET", pick(random, {"text", "t1", "h1"})},
        {"MGET", "t1", "t2", "h1", "none"},
        {"MSET", "t1", number, "t2", number},
        {"EXISTS", "t1", "h1", "none"},
        {"DEL", pick(random, {"t1", "h1", "z1", "none"})},
        {"HSET", hash, field, number, "d", number},
        {"HSETNX", hash, field, number},
        {"HINCRBY", hash, field, number},
        {"HGET", hash, field},
        {"HMGET", hash, "a", "none", "d"},
        {"HDEL", hash, field, "d"},
        {"HLEN", hash},
        {"ZADD", zset, number, field, "7", "m"},
        {"ZREM", zset, field, "none"},
        {"ZCARD", zset},
        {"ZRANGE", zset, "0", "-1", "WITHSCORES"},
        {"ZRANGEBYSCORE", zset, "-inf", number, "LIMIT", "0", "2"},
        {"ZRANGEBYSCORE", zset, "-inf", number, "LIMIT", "1", "2"},
        {"XADD", "s1", id, "k", field},
        {"XREAD", "COUNT", "3", "STREAMS", "s1", "none", std::to_string(1000 + random.below(turn + 1)) + "-1", "0-0"},
        {"XRANGE", "s1", std::to_string(1000 + random.below(turn + 1)), "+"},
        {"XREVRANGE", "s1", "+", "-", "COUNT", "1"},
        {"XTRIM", "s1", "MINID", std::to_string(1000 + random.below(turn + 1))},
        {"XLEN", "s1"},
    };
    return random.pick(commands);
}

}  // namespace

TEST_CASE("the model Redis answers as the real one, whatever is asked in whatever order", "[model]") {
    for (const std::uint64_t seed : {1, 2, 3}) {
        INFO("seed " << seed);
        sim::Random random(seed);
        Pair redises;
        for (std::int64_t turn = 0; turn < 1500; ++turn) redises.both(random_command(random, turn));
    }
}

TEST_CASE("the till's functions say in the model what they say in Redis", "[model]") {
    Pair redises;
    const std::string till = "{sshow1}:till";
    redises.both({"FCALL", "till_pause_v1", "1", till, "run", "1"});
    redises.both({"FCALL", "till_pause_v1", "1", till, "run", "1"});
    redises.both({"FCALL", "till_load_v1", "2", till, till, "1", "HSET", "left:s1", "5"});
    redises.both({"FCALL", "till_load_v1", "2", till, "{sshow1}:offer:o1", "1", "HSET", "open_ms", "0", "close_ms", "0", "price", "100", "limit", "3",
                  "hold_ms", "600000", "state", "open", "lines", "s1:1"});
    redises.both({"FCALL", "till_load_v1", "2", till, "{sshow1}:offer:o1", "9", "DEL"});
    redises.both({"FCALL", "till_open_v1", "2", till, "{sshow1}:orders", "1", "0", "7-3"});
    // What a purchase answers holds the time of its decision, so only the refusals are the same to the letter.
    const auto keys = [](const std::string& function, const std::string& order) {
        return Command{"FCALL", function, "6", "{sshow1}:till", "{sshow1}:offer:o1", "{sshow1}:limit:o1", "{sshow1}:order:" + order, "{sshow1}:holds", "{sshow1}:orders"};
    };
    const auto place = [&](const std::string& order, const std::string& epoch, const std::string& quantity) {
        return Command{"FCALL", "till_place_v3", "6", "{sshow1}:till", "{sshow1}:holds", "{sshow1}:orders", "{sshow1}:offer:o1", "{sshow1}:limit:o1",
                       "{sshow1}:order:" + order, "run", epoch, "1", "o1", order, "buyer1", "1", quantity, "a1"};
    };
    redises.both(place("order1", "2", "1"));
    redises.both(place("order1", "1", "4"));
    redises.both(place("order1", "1", "x"));
    auto release = keys("till_release_v1", "order9");
    release.insert(release.end(), {"run", "1", "order9", "o1", "cancelled", "", ""});
    redises.both(release);
    redises.both({"HGETALL", "none"});
    redises.both({"XLEN", "{sshow1}:orders"});
}

TEST_CASE("what is taken back from the model Redis is as it was", "[model]") {
    sim::Random random(5);
    sim::RedisData data;
    const auto picture = [&] {
        std::string text;
        for (const auto& key : data.keys()) {
            const auto& value = *data.find(key);
            text += key + "=" + value.text;
            for (const auto& [field, each] : value.hash) text += " " + field + ":" + each;
            for (const auto& [score, member] : value.ranking) text += " " + member + "@" + std::to_string(score);
            for (const auto& entry : value.entries) text += " " + entry.id.text();
            text += " " + value.last_id.text() + "\n";
        }
        return text;
    };
    std::vector<std::string> pictures{picture()};
    std::int64_t units = 0;
    for (std::int64_t turn = 0; turn < 3000; ++turn) {
        (void)data.execute(random_command(random, turn), 1'000'000);
        if (!data.end_unit()) continue;
        ++units;
        pictures.push_back(picture());
        if (!random.one_in(10)) continue;
        const auto back = random.below(std::min<std::int64_t>(units, 30) + 1);
        data.take_back(static_cast<std::size_t>(back));
        units -= back;
        pictures.resize(static_cast<std::size_t>(units) + 1);
        REQUIRE(picture() == pictures.back());
    }
}
