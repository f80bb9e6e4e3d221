#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/redis_data.hpp"

namespace livefair::sim {

/// A Function library of Redis (Lua 5.1, as in Redis 7.0): the product's own text, loaded by the same registrations.
/// `redis.call`, `redis.pcall`, `redis.error_reply` and `redis.register_function` are there, no other part of Redis' API. Not thread-safe.
class LuaLibrary {
public:
    /// Runs one Redis command for the function that is being called.
    using Run = std::function<Reply(const Command&)>;

    LuaLibrary();
    ~LuaLibrary();
    /// Aborts with Lua's words when the text is no library.
    void load(const std::string& text);
    /// What FCALL answers. An error in the function is an error reply; what it had written stays.
    Reply call(const std::string& function, const std::vector<std::string>& keys, const std::vector<std::string>& args,
               const Run& run);

    /// A planted fault: the function stops before its first write and goes on when told to. The answer is then given to
    /// `done`.
    using Done = std::function<void(Reply)>;
    struct Stopped;
    /// Null: it ended without writing, and `done` has its answer.
    std::shared_ptr<Stopped> begin(const std::string& function, const std::vector<std::string>& keys,
                                   const std::vector<std::string>& args, const Run& run, const Done& done);
    void resume(const std::shared_ptr<Stopped>& stopped, const Run& run, const Done& done);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::sim
