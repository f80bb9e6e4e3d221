#include "sim/lua_library.hpp"

#include <lua.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/check.hpp"

namespace livefair::sim {

namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "the model Redis can't load the library: %s\n", why.c_str());
    std::abort();
}

void push_reply(lua_State* lua, const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::nil:
            lua_pushboolean(lua, 0);
            return;
        case Reply::Kind::integer:
            lua_pushnumber(lua, static_cast<lua_Number>(reply.integer));
            return;
        case Reply::Kind::text:
            lua_pushlstring(lua, reply.text.data(), reply.text.size());
            return;
        case Reply::Kind::error:
            lua_newtable(lua);
            lua_pushlstring(lua, reply.text.data(), reply.text.size());
            lua_setfield(lua, -2, "err");
            return;
        case Reply::Kind::array:
            lua_createtable(lua, static_cast<int>(reply.items.size()), 0);
            for (std::size_t i = 0; i < reply.items.size(); ++i) {
                push_reply(lua, reply.items[i]);
                lua_rawseti(lua, -2, static_cast<int>(i + 1));
            }
            return;
    }
}

/// As Redis turns a function's result into an answer: arrays end at the first nil, numbers lose their fraction.
Reply read_reply(lua_State* lua, int index) {
    Reply reply;
    switch (lua_type(lua, index)) {
        case LUA_TSTRING: {
            std::size_t size = 0;
            const char* text = lua_tolstring(lua, index, &size);
            reply.kind = Reply::Kind::text;
            reply.text.assign(text, size);
            return reply;
        }
        case LUA_TNUMBER:
            reply.kind = Reply::Kind::integer;
            reply.integer = static_cast<std::int64_t>(lua_tonumber(lua, index));
            return reply;
        case LUA_TBOOLEAN:
            if (lua_toboolean(lua, index) == 0) return reply;
            reply.kind = Reply::Kind::integer;
            reply.integer = 1;
            return reply;
        case LUA_TTABLE:
            break;
        default:
            return reply;
    }
    const int table = index < 0 ? lua_gettop(lua) + index + 1 : index;
    lua_getfield(lua, table, "err");
    if (lua_isstring(lua, -1) != 0) {
        reply.kind = Reply::Kind::error;
        reply.text = lua_tostring(lua, -1);
        lua_pop(lua, 1);
        return reply;
    }
    lua_pop(lua, 1);
    reply.kind = Reply::Kind::array;
    for (int i = 1;; ++i) {
        lua_rawgeti(lua, table, i);
        if (lua_isnil(lua, -1)) break;
        reply.items.push_back(read_reply(lua, -1));
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
    return reply;
}

void push_texts(lua_State* lua, const std::vector<std::string>& texts) {
    lua_createtable(lua, static_cast<int>(texts.size()), 0);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        lua_pushlstring(lua, texts[i].data(), texts[i].size());
        lua_rawseti(lua, -2, static_cast<int>(i + 1));
    }
}

}  // namespace

struct LuaLibrary::Stopped {
    lua_State* thread = nullptr;
    int reference = LUA_NOREF;
    Command command;  ///< The first write, not done yet.
};

class LuaLibrary::Impl {
public:
    Impl() : lua_(luaL_newstate()) {
        LF_CHECK(lua_ != nullptr);
        luaL_openlibs(lua_);
        lua_newtable(lua_);
        add("call", &Impl::command_raising);
        add("pcall", &Impl::command_returning);
        add("register_function", &Impl::register_function);
        add("error_reply", &Impl::error_reply);
        lua_setglobal(lua_, "redis");
        lua_newtable(lua_);
        lua_setfield(lua_, LUA_REGISTRYINDEX, "functions");
        lua_pushlightuserdata(lua_, this);
        lua_setfield(lua_, LUA_REGISTRYINDEX, "impl");
    }
    ~Impl() { lua_close(lua_); }

    void load(const std::string& text) {
        // The first line names engine and library and is no Lua.
        const auto body = text.find('\n');
        if (!text.starts_with("#!lua name=") || body == std::string::npos) give_up("no #!lua line");
        const auto script = text.substr(body);
        if (luaL_loadbuffer(lua_, script.data(), script.size(), "@library") != 0 || lua_pcall(lua_, 0, 0, 0) != 0)
            give_up(lua_tostring(lua_, -1));
    }

    Reply call(const std::string& function, const std::vector<std::string>& keys, const std::vector<std::string>& args,
               const Run& run) {
        if (!push_call(lua_, function, keys, args)) return {Reply::Kind::error, "ERR Function not found", 0, {}};
        run_ = &run;
        const int failed = lua_pcall(lua_, 2, 1, 0);
        run_ = nullptr;
        auto reply = failed != 0 ? error_of(lua_) : read_reply(lua_, -1);
        lua_settop(lua_, 0);
        return reply;
    }

    std::shared_ptr<Stopped> begin(const std::string& function, const std::vector<std::string>& keys,
                                   const std::vector<std::string>& args, const Run& run, const Done& done) {
        auto stopped = std::make_shared<Stopped>();
        stopped->thread = lua_newthread(lua_);
        stopped->reference = luaL_ref(lua_, LUA_REGISTRYINDEX);
        LF_CHECK(push_call(stopped->thread, function, keys, args));
        stops_ = stopped.get();
        return go_on(stopped, 2, run, done);
    }

    void resume(const std::shared_ptr<Stopped>& stopped, const Run& run, const Done& done) {
        push_reply(stopped->thread, run(stopped->command));
        go_on(stopped, 1, run, done);
    }

private:
    using Method = int (*)(lua_State*);

    void add(const char* name, Method method) {
        lua_pushcfunction(lua_, method);
        lua_setfield(lua_, -2, name);
    }

    static Impl& self(lua_State* lua) {
        lua_getfield(lua, LUA_REGISTRYINDEX, "impl");
        auto* impl = static_cast<Impl*>(lua_touserdata(lua, -1));
        lua_pop(lua, 1);
        return *impl;
    }

    static Reply error_of(lua_State* lua) {
        Reply reply = lua_type(lua, -1) == LUA_TTABLE ? read_reply(lua, -1) : Reply{};
        if (!reply.is_error()) {
            const char* text = lua_tostring(lua, -1);
            reply = {Reply::Kind::error, text == nullptr ? "ERR" : text, 0, {}};
        }
        return reply;
    }

    std::shared_ptr<Stopped> go_on(const std::shared_ptr<Stopped>& stopped, int arguments, const Run& run, const Done& done) {
        run_ = &run;
        const int state = lua_resume(stopped->thread, arguments);
        run_ = nullptr;
        stops_ = nullptr;
        if (state == LUA_YIELD) return stopped;
        const auto reply = state == 0 ? read_reply(stopped->thread, -1) : error_of(stopped->thread);
        luaL_unref(lua_, LUA_REGISTRYINDEX, stopped->reference);
        done(reply);
        return nullptr;
    }

    static bool push_call(lua_State* lua, const std::string& function, const std::vector<std::string>& keys,
                          const std::vector<std::string>& args) {
        lua_getfield(lua, LUA_REGISTRYINDEX, "functions");
        lua_getfield(lua, -1, function.c_str());
        lua_remove(lua, -2);
        if (lua_isfunction(lua, -1) == 0) {
            lua_pop(lua, 1);
            return false;
        }
        push_texts(lua, keys);
        push_texts(lua, args);
        return true;
    }

    /// Redis takes texts and numbers as arguments, nothing else.
    static Command read_command(lua_State* lua) {
        Command command;
        const int count = lua_gettop(lua);
        for (int i = 1; i <= count; ++i) {
            if (lua_type(lua, i) == LUA_TNUMBER) {
                const auto number = lua_tonumber(lua, i);
                char text[64];
                std::snprintf(text, sizeof text, number == std::floor(number) ? "%.0f" : "%.17g", number);
                command.emplace_back(text);
            } else if (lua_type(lua, i) == LUA_TSTRING) {
                std::size_t size = 0;
                const char* text = lua_tolstring(lua, i, &size);
                command.emplace_back(text, size);
            } else {
                return {};
            }
        }
        return command;
    }

    static int do_call(lua_State* lua, bool raises) {
        auto& impl = self(lua);
        Reply reply{Reply::Kind::error, "ERR Lua redis lib command arguments must be strings or integers", 0, {}};
        {
            const auto command = read_command(lua);
            if (!command.empty()) {
                if (impl.stops_ != nullptr && is_write_command(command[0])) {
                    impl.stops_->command = command;
                    impl.stops_ = nullptr;
                    return lua_yield(lua, 0);
                }
                reply = (*impl.run_)(command);
            }
            push_reply(lua, reply);
        }
        if (!reply.is_error() || !raises) return 1;
        reply = {};
        return lua_error(lua);
    }
    static int command_raising(lua_State* lua) { return do_call(lua, true); }
    static int command_returning(lua_State* lua) { return do_call(lua, false); }

    /// register_function(name, callback) or register_function{function_name = ..., callback = ..., flags = ...}.
    static int register_function(lua_State* lua) {
        if (lua_istable(lua, 1) != 0) {
            lua_getfield(lua, 1, "function_name");
            lua_getfield(lua, 1, "callback");
            lua_remove(lua, 1);
        }
        if (lua_isstring(lua, 1) == 0 || lua_isfunction(lua, 2) == 0) return luaL_error(lua, "bad register_function");
        lua_getfield(lua, LUA_REGISTRYINDEX, "functions");
        lua_insert(lua, 1);
        lua_settable(lua, 1);
        return 0;
    }

    static int error_reply(lua_State* lua) {
        lua_newtable(lua);
        lua_pushvalue(lua, 1);
        lua_setfield(lua, -2, "err");
        return 1;
    }

    lua_State* lua_;
    const Run* run_ = nullptr;
    Stopped* stops_ = nullptr;
};

LuaLibrary::LuaLibrary() : impl_(std::make_unique<Impl>()) {}
LuaLibrary::~LuaLibrary() = default;
void LuaLibrary::load(const std::string& text) {
    impl_->load(text);
}
Reply LuaLibrary::call(const std::string& function, const std::vector<std::string>& keys,
                       const std::vector<std::string>& args, const Run& run) {
    return impl_->call(function, keys, args, run);
}
std::shared_ptr<LuaLibrary::Stopped> LuaLibrary::begin(const std::string& function, const std::vector<std::string>& keys,
                                                       const std::vector<std::string>& args, const Run& run,
                                                       const Done& done) {
    return impl_->begin(function, keys, args, run, done);
}
void LuaLibrary::resume(const std::shared_ptr<Stopped>& stopped, const Run& run, const Done& done) {
    impl_->resume(stopped, run, done);
}

}  // namespace livefair::sim
