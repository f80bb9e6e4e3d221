#include "sim/redis_data.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "base/check.hpp"

namespace livefair::sim {

using ledger::StreamId;
using Type = RedisValue::Type;

namespace {

Reply nil() {
    return {};
}
Reply text(std::string value) {
    return {Reply::Kind::text, std::move(value), 0, {}};
}
Reply integer(std::int64_t value) {
    return {Reply::Kind::integer, {}, value, {}};
}
Reply array() {
    return {Reply::Kind::array, {}, 0, {}};
}
Reply error(std::string why) {
    return {Reply::Kind::error, std::move(why), 0, {}};
}
Reply texts(const std::vector<std::string>& values) {
    auto reply = array();
    for (const auto& value : values) reply.items.push_back(text(value));
    return reply;
}

std::optional<std::int64_t> to_integer(const std::string& value) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || code != std::errc() || end != value.data() + value.size()) return std::nullopt;
    return number;
}

/// Redis writes a score without a fraction as an integer.
std::string score_text(double score) {
    if (score == std::floor(score) && std::abs(score) < 1e15) return std::to_string(static_cast<std::int64_t>(score));
    return std::to_string(score);
}

[[noreturn]] void teach(const Command& command) {
    std::string words;
    for (const auto& word : command) words += word + " ";
    std::fprintf(stderr, "the model Redis does not know: %s\n", words.c_str());
    std::abort();
}

Reply entry_reply(const RedisValue::Entry& entry) {
    auto reply = array();
    reply.items.push_back(text(entry.id.text()));
    reply.items.push_back(texts(entry.fields));
    return reply;
}

StreamId range_end(const std::string& word, bool is_high) {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    if (word == "-") return {};
    if (word == "+") return {most, most};
    if (word.find('-') == std::string::npos) {
        const auto ms = static_cast<std::uint64_t>(to_integer(word).value_or(0));
        return {ms, is_high ? most : 0};
    }
    return StreamId::parse(word);
}

}  // namespace

bool is_write_command(const std::string& name) {
    static const std::set<std::string> writes = {"SET",  "SETNX", "MSET",    "DEL",  "INCRBY", "INCR",  "HSET", "HSETNX",
                                                 "HDEL", "HMSET", "HINCRBY", "ZADD", "ZREM",   "XADD", "XTRIM", "XDEL"};
    return writes.contains(name);
}

Reply RedisData::execute(const Command& command, std::int64_t now_us) {
    LF_CHECK(!command.empty());
    try {
        return run(command, now_us);
    } catch (const WrongType&) {
        return error("WRONGTYPE Operation against a key holding the wrong kind of value");
    }
}

Reply RedisData::run(const Command& command, std::int64_t now_us) {
    const auto& name = command[0];
    if (name == "TIME")
        return texts({std::to_string(now_us / 1'000'000), std::to_string(now_us % 1'000'000)});
    if (name == "PING") return text("PONG");
    // Nothing is known of its settings.
    if (name == "CONFIG") return array();
    switch (name[0]) {
        case 'H':
            return run_hash(command);
        case 'Z':
            return run_zset(command);
        case 'X':
            return run_stream(command, now_us);
        default:
            return run_text(command);
    }
}

Reply RedisData::run_text(const Command& command) {
    const auto& name = command[0];
    if (name == "GET") {
        const auto* value = typed(command.at(1), Type::text);
        return value == nullptr ? nil() : text(value->text);
    }
    if (name == "MGET") {
        auto reply = array();
        for (std::size_t i = 1; i < command.size(); ++i) {
            const auto* value = find(command[i]);
            reply.items.push_back(value == nullptr || value->type != Type::text ? nil() : text(value->text));
        }
        return reply;
    }
    if (name == "SET" || name == "MSET") {
        // Times to live are longer than a run.
        const bool expires = name == "SET" && command.size() == 5 && command[3] == "PX";
        if (name == "SET" && command.size() != 3 && !expires) teach(command);
        const auto end = expires ? 3 : command.size();
        for (std::size_t i = 1; i + 1 < end; i += 2) {
            remove(command[i]);
            auto& value = writable(command[i], Type::text);
            value.text = command[i + 1];
        }
        return text("OK");
    }
    if (name == "EXISTS") {
        std::int64_t count = 0;
        for (std::size_t i = 1; i < command.size(); ++i) count += find(command[i]) != nullptr ? 1 : 0;
        return integer(count);
    }
    if (name == "DEL") {
        std::int64_t count = 0;
        for (std::size_t i = 1; i < command.size(); ++i) {
            count += find(command[i]) != nullptr ? 1 : 0;
            remove(command[i]);
        }
        return integer(count);
    }
    if (name == "EXPIRE" || name == "PEXPIRE") return integer(find(command.at(1)) != nullptr ? 1 : 0);
    teach(command);
}

Reply RedisData::run_hash(const Command& command) {
    const auto& name = command[0];
    const auto& key = command.at(1);
    const auto* value = typed(key, Type::hash);
    const auto field = [&](const std::string& wanted) -> Reply {
        if (value == nullptr) return nil();
        const auto found = value->hash.find(wanted);
        return found == value->hash.end() ? nil() : text(found->second);
    };
    if (name == "HGET") return field(command.at(2));
    if (name == "HMGET") {
        auto reply = array();
        for (std::size_t i = 2; i < command.size(); ++i) reply.items.push_back(field(command[i]));
        return reply;
    }
    if (name == "HEXISTS") return integer(value != nullptr && value->hash.contains(command.at(2)) ? 1 : 0);
    if (name == "HLEN") return integer(value == nullptr ? 0 : static_cast<std::int64_t>(value->hash.size()));
    if (name == "HGETALL") {
        auto reply = array();
        if (value == nullptr) return reply;
        for (const auto& [name_of, text_of] : value->hash) {
            reply.items.push_back(text(name_of));
            reply.items.push_back(text(text_of));
        }
        return reply;
    }
    if (name == "HSET") {
        if (command.size() < 4 || command.size() % 2 != 0) return error("ERR wrong number of arguments for 'hset' command");
        std::int64_t added = 0;
        for (std::size_t i = 2; i < command.size(); i += 2) {
            const auto* now = find(key);
            added += now == nullptr || !now->hash.contains(command[i]) ? 1 : 0;
            set_field(key, command[i], command[i + 1]);
        }
        return integer(added);
    }
    if (name == "HSETNX") {
        if (value != nullptr && value->hash.contains(command.at(2))) return integer(0);
        set_field(key, command.at(2), command.at(3));
        return integer(1);
    }
    if (name == "HINCRBY") {
        const auto old = field(command.at(2));
        const auto base = old.is_nil() ? std::optional<std::int64_t>(0) : to_integer(old.text);
        const auto by = to_integer(command.at(3));
        if (!base || !by) return error("ERR hash value is not an integer");
        set_field(key, command[2], std::to_string(*base + *by));
        return integer(*base + *by);
    }
    if (name == "HDEL") {
        std::int64_t count = 0;
        for (std::size_t i = 2; i < command.size(); ++i) count += remove_field(key, command[i]) ? 1 : 0;
        drop_if_empty(key);
        return integer(count);
    }
    teach(command);
}

Reply RedisData::run_zset(const Command& command) {
    const auto& name = command[0];
    const auto& key = command.at(1);
    const auto* value = typed(key, Type::zset);
    if (name == "ZADD") {
        if (command.size() < 4 || command.size() % 2 != 0) teach(command);
        std::int64_t added = 0;
        for (std::size_t i = 2; i < command.size(); i += 2) {
            const auto* now = find(key);
            added += now == nullptr || !now->scores.contains(command[i + 1]) ? 1 : 0;
            set_score(key, command[i + 1], std::strtod(command[i].c_str(), nullptr));
        }
        return integer(added);
    }
    if (name == "ZREM") {
        std::int64_t count = 0;
        for (std::size_t i = 2; i < command.size(); ++i) count += remove_score(key, command[i]) ? 1 : 0;
        drop_if_empty(key);
        return integer(count);
    }
    if (name == "ZCARD") return integer(value == nullptr ? 0 : static_cast<std::int64_t>(value->scores.size()));
    if (name == "ZRANGE") {
        if (command.size() != 5 || command[2] != "0" || command[3] != "-1" || command[4] != "WITHSCORES") teach(command);
        auto reply = array();
        if (value == nullptr) return reply;
        for (const auto& [score, member] : value->ranking) {
            reply.items.push_back(text(member));
            reply.items.push_back(text(score_text(score)));
        }
        return reply;
    }
    if (name == "ZRANGEBYSCORE") {
        if (command.size() != 7 || command[2] != "-inf" || command[4] != "LIMIT") teach(command);
        auto reply = array();
        if (value == nullptr) return reply;
        const auto most = std::strtod(command[3].c_str(), nullptr);
        const auto count = static_cast<std::size_t>(to_integer(command[6]).value_or(0));
        auto skipped = to_integer(command[5]).value_or(0);
        for (const auto& [score, member] : value->ranking) {
            if (skipped-- > 0) continue;
            if (score > most || reply.items.size() >= count) break;
            reply.items.push_back(text(member));
        }
        return reply;
    }
    teach(command);
}

Reply RedisData::run_stream(const Command& command, std::int64_t now_us) {
    const auto& name = command[0];
    if (name == "XADD") return add_entry(command, now_us);
    if (name == "XREAD") return read_streams(command);
    if (name == "XTRIM") return trim(command);
    const auto& key = command.at(1);
    const auto* value = typed(key, Type::stream);
    if (name == "XLEN") return integer(value == nullptr ? 0 : static_cast<std::int64_t>(value->entries.size()));
    if (name == "XRANGE" || name == "XREVRANGE") {
        const bool is_back = name == "XREVRANGE";
        const auto low = range_end(command.at(is_back ? 3 : 2), false);
        const auto high = range_end(command.at(is_back ? 2 : 3), true);
        const auto most = command.size() == 6 && command[4] == "COUNT" ? to_integer(command[5]).value_or(0)
                                                                       : std::numeric_limits<std::int64_t>::max();
        auto reply = array();
        if (value == nullptr) return reply;
        const auto take = [&](const RedisValue::Entry& entry) {
            if (entry.id < low || entry.id > high || static_cast<std::int64_t>(reply.items.size()) >= most) return;
            reply.items.push_back(entry_reply(entry));
        };
        if (is_back)
            for (auto it = value->entries.rbegin(); it != value->entries.rend(); ++it) take(*it);
        else
            for (const auto& entry : value->entries) take(entry);
        return reply;
    }
    teach(command);
}

Reply RedisData::add_entry(const Command& command, std::int64_t now_us) {
    const auto& key = command.at(1);
    const auto* known = typed(key, Type::stream);
    const auto last = known == nullptr ? StreamId{} : known->last_id;
    StreamId id;
    if (command.at(2) == "*") {
        const auto ms = static_cast<std::uint64_t>(now_us / 1000);
        id = ms > last.ms ? StreamId{ms, 0} : StreamId{last.ms, last.sequence + 1};
    } else {
        id = StreamId::parse(command[2]);
        if (id <= last)
            return error("ERR The ID specified in XADD is equal or smaller than the target stream top item");
    }
    auto& value = writable(key, Type::stream);
    value.entries.push_back({id, {command.begin() + 3, command.end()}});
    value.last_id = id;
    log(key, [this, key, last] {
        auto& stream = values_[key];
        stream.entries.pop_back();
        stream.last_id = last;
    });
    return text(id.text());
}

/// XREAD [COUNT n] [BLOCK ms] STREAMS key... id...; waiting is the server's matter.
Reply RedisData::read_streams(const Command& command) {
    std::size_t at = 1;
    auto most = std::numeric_limits<std::int64_t>::max();
    for (; at < command.size() && command[at] != "STREAMS"; at += 2) {
        if (command[at] == "COUNT") most = to_integer(command.at(at + 1)).value_or(0);
        else if (command[at] != "BLOCK") teach(command);
    }
    const auto count = (command.size() - at - 1) / 2;
    auto reply = array();
    for (std::size_t i = 0; i < count; ++i) {
        const auto& key = command[at + 1 + i];
        const auto after = StreamId::parse(command[at + 1 + count + i]);
        const auto* value = typed(key, Type::stream);
        if (value == nullptr || value->last_id <= after) continue;
        auto entries = array();
        const auto later = [](const StreamId& id, const RedisValue::Entry& entry) { return id < entry.id; };
        auto it = std::upper_bound(value->entries.begin(), value->entries.end(), after, later);
        for (; it != value->entries.end() && static_cast<std::int64_t>(entries.items.size()) < most; ++it)
            entries.items.push_back(entry_reply(*it));
        if (entries.items.empty()) continue;
        auto stream = array();
        stream.items.push_back(text(key));
        stream.items.push_back(std::move(entries));
        reply.items.push_back(std::move(stream));
    }
    return reply.items.empty() ? nil() : reply;
}

/// XTRIM key MINID [~] id. "~" may leave more; here it leaves nothing, which is the harder case.
Reply RedisData::trim(const Command& command) {
    if (command.at(2) != "MINID") teach(command);
    const auto least = range_end(command.back(), false);
    const auto& key = command.at(1);
    auto* value = typed(key, Type::stream);
    std::int64_t count = 0;
    while (value != nullptr && !value->entries.empty() && value->entries.front().id < least) {
        log(key, [this, key, entry = value->entries.front()] { values_[key].entries.push_front(entry); });
        value->entries.pop_front();
        ++count;
    }
    return integer(count);
}

}  // namespace livefair::sim
