#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

/// One JSON object a line on stderr, or in a file: {"at":"2026-06-30T12:00:00.123Z","level":"info","program":"…","event":"…", fields…}.
/// Thread-safe; never blocks the caller: a full queue drops the oldest lines. Never log keys, tokens, passwords, whole phone numbers or URLs with a query.
namespace livefair::log {

using Value = std::variant<std::string, std::int64_t, double, bool>;

struct Field {
    template <class T>
    Field(std::string_view field_name, const T& field_value) : name(field_name), value(to_value(field_value)) {}
    std::string_view name;
    Value value;

private:
    template <class T>
    static Value to_value(const T& v) {
        if constexpr (std::is_same_v<T, bool>) return v;
        else if constexpr (std::is_integral_v<T>) return static_cast<std::int64_t>(v);
        else if constexpr (std::is_floating_point_v<T>) return static_cast<double>(v);
        else return std::string(v);
    }
};
using Fields = std::initializer_list<Field>;

/// Call once, first in main. `level`: debug, info, warn or error. `file` empty: stderr.
void start(std::string_view program, const std::string& level, const std::string& file = {});
/// Writes what is queued; last in main.
void stop();

void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

}  // namespace livefair::log
