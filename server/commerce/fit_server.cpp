#include "commerce/fit_server.hpp"

#include <map>

#include "base/log.hpp"

namespace livefair::commerce {

net::Task<Result<>> check_server(redis::Client& redis, bool answers_are_relaxed) {
    redis::Client::Command ask{"CONFIG", "GET", "maxmemory-policy", "appendonly", "appendfsync"};
    const auto said = co_await redis.command(std::move(ask));
    if (!said) {
        log::warn("redis_settings_unknown", {{"reason", to_string(to_errc(said.error()))}});
        co_return Result<>();
    }
    std::map<std::string, std::string> settings;
    for (std::size_t i = 0; i + 1 < said->items.size(); i += 2) settings[said->items[i].text] = said->items[i + 1].text;
    const auto& policy = settings["maxmemory-policy"];
    if (policy.starts_with("allkeys-")) {
        log::error("redis_evicts_orders", {{"setting", "maxmemory-policy"}, {"is", policy}, {"must_be", "noeviction"}});
        co_return make_error_code(Errc::unsupported);
    }
    if (answers_are_relaxed && (settings["appendonly"] != "yes" || settings["appendfsync"] != "always")) {
        log::error("redis_is_not_on_disk", {{"setting", "appendonly, appendfsync"}, {"is", settings["appendonly"] + ", " + settings["appendfsync"]}, {"must_be", "yes, always"}});
        co_return make_error_code(Errc::unsupported);
    }
    co_return Result<>();
}

}  // namespace livefair::commerce
