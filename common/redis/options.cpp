#include <stdexcept>

#include "base/config.hpp"
#include "redis/client.hpp"
#include "redis/sentinels.hpp"

namespace livefair::redis {

Options options_from(const Config& config) {
    Options options;
    options.socket = config.redis.socket;
    options.host = config.redis.host;
    if (options.host.starts_with(sentinel_scheme) && !parse_sentinels(options.host))
        throw std::runtime_error("redis.host: '" + options.host + "' must be sentinel://host:port,host:port,.../name");
    options.port = static_cast<std::uint16_t>(config.redis.port);
    for (const auto& text : config.redis.cluster_nodes) {
        auto node = parse_address(text);
        if (!node) throw std::runtime_error("redis.cluster_nodes: '" + text + "' must be host:port");
        options.cluster_nodes.push_back(std::move(*node));
    }
    options.replicas_min = config.redis.replicas_min;
    options.password = config.redis.password;
    options.deadline = std::chrono::milliseconds(config.redis.deadline_ms);
    options.in_flight_max = static_cast<std::size_t>(config.redis.in_flight_max);
    return options;
}

}  // namespace livefair::redis
