#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/order_text.hpp"
#include "redis/reply.hpp"

namespace livefair::sim {

using Command = std::vector<std::string>;
using redis::Reply;

/// One key of Redis.
struct RedisValue {
    enum class Type { none, text, hash, zset, stream };
    struct Entry {
        ledger::StreamId id;
        std::vector<std::string> fields;
    };
    Type type = Type::none;
    std::string text;
    std::map<std::string, std::string> hash;
    std::map<std::string, double> scores;
    std::set<std::pair<double, std::string>> ranking;  ///< The same, by score.
    std::deque<Entry> entries;
    ledger::StreamId last_id;
};

/// The data of one Redis and the commands that Livefair uses, without a server. What each command wrote is one unit that
/// can be taken back, newest first: a crash takes back what was not fsynced, a failover what the replica did not have.
/// A command or option that Livefair does not use aborts the program: the model must be taught, not guess.
class RedisData {
public:
    /// Answers as Redis 7.0 does. `now_us`: Unix microseconds.
    Reply execute(const Command& command, std::int64_t now_us);

    /// What was written since the last call is one unit. False: nothing was.
    bool end_unit();
    /// Takes back the newest `count` units.
    void take_back(std::size_t count);
    /// Everything is gone.
    void clear();
    /// Becomes what `other` is now; nothing of it can be taken back.
    void copy(const RedisData& other);

    /// Null when there is no such key.
    const RedisValue* find(const std::string& key) const;
    std::vector<std::string> keys() const;
    /// Keys that were written or taken back since the last call, each once.
    std::vector<std::string> take_changed();

private:
    using Undo = std::function<void()>;
    struct WrongType {};
    static constexpr std::size_t units_max = 400;

    Reply run(const Command& command, std::int64_t now_us);
    Reply run_text(const Command& command);
    Reply run_hash(const Command& command);
    Reply run_zset(const Command& command);
    Reply run_stream(const Command& command, std::int64_t now_us);
    Reply add_entry(const Command& command, std::int64_t now_us);
    Reply read_streams(const Command& command);
    Reply trim(const Command& command);

    RedisValue* typed(const std::string& key, RedisValue::Type type);
    RedisValue& writable(const std::string& key, RedisValue::Type type);
    void remove(const std::string& key);
    void set_field(const std::string& key, const std::string& field, const std::string& value);
    bool remove_field(const std::string& key, const std::string& field);
    void set_score(const std::string& key, const std::string& member, double score);
    bool remove_score(const std::string& key, const std::string& member);
    void drop_if_empty(const std::string& key);
    void log(const std::string& key, Undo undo);

    std::unordered_map<std::string, RedisValue> values_;
    std::vector<Undo> open_unit_;
    std::deque<std::vector<Undo>> units_;
    std::set<std::string> changed_;
};

bool is_write_command(const std::string& name);

}  // namespace livefair::sim
