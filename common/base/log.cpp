#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>

namespace livefair::log {
namespace {

constexpr std::size_t queue_lines_max = 8192;
std::shared_ptr<spdlog::logger> logger;  // Set once by start(), before any thread exists.

std::string to_json_fields(std::string_view event, Fields fields) {
    std::string text = "\"event\":" + boost::json::serialize(boost::json::string(event));
    for (const auto& field : fields) {
        text += ',';
        text += boost::json::serialize(boost::json::string(field.name));
        text += ':';
        std::visit([&](const auto& value) { text += boost::json::serialize(boost::json::value(value)); }, field.value);
    }
    return text;
}

void write(spdlog::level::level_enum level, std::string_view event, Fields fields) {
    if (logger && logger->should_log(level)) logger->log(level, to_json_fields(event, fields));
}

}  // namespace

void start(std::string_view program, const std::string& level, const std::string& file) {
    spdlog::init_thread_pool(queue_lines_max, 1);
    spdlog::sink_ptr sink;
    if (file.empty()) sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    logger = std::make_shared<spdlog::async_logger>(std::string(program), sink, spdlog::thread_pool(),
                                                    spdlog::async_overflow_policy::overrun_oldest);
    // The closing brace is here and the fields in %v, so that a line is one JSON object.
    logger->set_pattern("{\"at\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",\"program\":\"%n\",%v}", spdlog::pattern_time_type::utc);
    logger->set_level(spdlog::level::from_str(level == "warn" ? "warning" : level));
    logger->flush_on(spdlog::level::info);
}

void stop() {
    logger.reset();
    spdlog::shutdown();
}

void debug(std::string_view event, Fields fields) { write(spdlog::level::debug, event, fields); }
void info(std::string_view event, Fields fields) { write(spdlog::level::info, event, fields); }
void warn(std::string_view event, Fields fields) { write(spdlog::level::warn, event, fields); }
void error(std::string_view event, Fields fields) { write(spdlog::level::err, event, fields); }

}  // namespace livefair::log
