#include "integration/media/studio.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

#include "auth/token.hpp"
#include "net/http_client.hpp"
#include "redis/client.hpp"
#include "support/ports.hpp"
#include "support/run_task.hpp"

namespace livefair::test {
namespace {

int port_in(const std::string& line, const std::string& name) {
    const auto at = line.find("\"" + name + "\":");
    if (at == std::string::npos) throw std::runtime_error("livefair-media did not start: " + line);
    return std::stoi(line.substr(at + name.size() + 3));
}

}  // namespace

Studio::Studio(Environment environment) : environment_(std::move(environment)) {
    environment_["LIVEFAIR_REDIS_SOCKET"] = redis_.socket();
    environment_["LIVEFAIR_SERVER_SHARDS"] = "2";
    environment_["LIVEFAIR_MEDIA_SECRET_FILE"] = folder_.file("media.secret");
    environment_.emplace("LIVEFAIR_RECORD_DIR", folder_.file("recordings"));
    // Those that a restart has to get again.
    const auto ports = free_ports(2);
    environment_["LIVEFAIR_MEDIA_HLS_PORT"] = std::to_string(ports[0]);
    environment_["LIVEFAIR_MEDIA_RTMP_PORT"] = std::to_string(ports[1]);
    environment_["LIVEFAIR_MEDIA_RTMPS_PORT"] = environment_["LIVEFAIR_MEDIA_HEALTH_PORT"] = "0";
    environment_.emplace("LIVEFAIR_SITE_ALLOWED_ORIGINS", "https://shop.example");
    start();
}

void Studio::start() {
    Process::Options options;
    options.command = {LIVEFAIR_MEDIA_PROGRAM};
    options.environment = environment_;
    options.output_file = folder_.file("media.out" + std::to_string(rtmp_port_));
    options.error_file = folder_.file("media.log");
    media_ = std::make_unique<Process>(std::move(options));
    const auto line = wait_for_line(*media_, "\"ready\"");
    hls_port_ = port_in(line, "hls_port");
    rtmp_port_ = port_in(line, "rtmp_port");
    if (environment_.count("LIVEFAIR_MEDIA_TLS_CERTIFICATE_FILE")) rtmps_port_ = port_in(line, "rtmps_port");
    health_port_ = port_in(line, "health_port");
    const auto ready = "http://127.0.0.1:" + std::to_string(health_port_) + "/ready";
    const bool is_ready = eventually([&] {
        const auto response = run_task(context_, net::http_request("GET", ready, {}, "", std::chrono::seconds(5)));
        return response && response->status == 200;
    });
    if (!is_ready) throw std::runtime_error("livefair-media is not ready: " + log());
}

void Studio::kill9_and_restart() {
    media_->signal(SIGKILL);
    static_cast<void>(media_->wait(std::chrono::seconds(10)));
    start();
}

double Studio::metric(const std::string& name) {
    const auto url = "http://127.0.0.1:" + std::to_string(health_port_) + "/metrics";
    const auto response = run_task(context_, net::http_request("GET", url, {}, "", std::chrono::seconds(5)));
    if (!response || response->body.empty()) return -1;
    const auto lines = lines_with(*response->body.front(), name + " ");
    return lines.empty() ? -1 : std::stod(lines.front().substr(name.size() + 1));
}

std::string Studio::make_key(const std::string& room) {
    const auto key = "secret-key-" + std::to_string(++keys_) + "-of-" + room;
    ask_redis({"HSET", "lf:streamkeys", auth::hash_token(key), room});
    return key;
}

void Studio::revoke(const std::string& key) {
    ask_redis({"HDEL", "lf:streamkeys", auth::hash_token(key)});
    ask_redis({"SPUBLISH", "lf:streamkeys:revoked", auth::hash_token(key)});
}

redis::Reply Studio::ask_redis(std::vector<std::string> command) {
    redis::Client client(context_.get_executor(), redis_.options());
    client.start();
    const auto reply = run_task(context_, client.command(std::move(command)));
    client.stop();
    return reply.value();
}

std::unique_ptr<Process> Studio::publish(const Publishing& publishing) {
    Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-v", "warning", "-re", "-f", "lavfi", "-i", "testsrc2=rate=25:size=" + publishing.size,
                       "-re", "-f", "lavfi", "-i", "sine=sample_rate=44100", "-t", std::to_string(publishing.seconds),
                       "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads", "1", "-g", "25", "-c:a", "aac"};
    options.command.insert(options.command.end(), publishing.arguments.begin(), publishing.arguments.end());
    for (const auto& word : {std::string("-f"), std::string("flv"),
                             (publishing.tls ? "rtmps://localhost:" + std::to_string(rtmps_port_) : "rtmp://127.0.0.1:" + std::to_string(rtmp_port_)) +
                                 "/live/" + publishing.key})
        options.command.push_back(word);
    options.output_file = folder_.file("ffmpeg" + std::to_string(++publishers_) + ".log");
    return std::make_unique<Process>(std::move(options));
}

net::HttpResponse Studio::get(const std::string& path, std::chrono::milliseconds deadline, net::HttpHeaders headers) {
    headers.emplace_back("Origin", "https://shop.example");
    auto response = run_task(context_, net::http_request("GET", url(path), std::move(headers), "", deadline),
                             deadline + std::chrono::seconds(5));
    if (response) return std::move(*response);
    net::HttpResponse none;
    none.status = 0;
    return none;
}

std::string Studio::playlist(const std::string& room) {
    const auto response = get("/hls/" + room + "/live.m3u8");
    return response.status == 200 ? std::string(net::body_of(response)) : "";
}

std::string Studio::url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(hls_port_) + path; }
std::string Studio::log() const { return read_file(folder_.file("media.log")); }

std::vector<std::string> lines_with(const std::string& text, const std::string& start) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        if (text.compare(at, start.size(), start) == 0) found.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return found;
}

std::uint64_t number_of(const std::string& playlist, const std::string& tag) {
    const auto found = lines_with(playlist, tag + ":");
    return found.empty() ? 0 : std::stoull(found[0].substr(tag.size() + 1));
}

}  // namespace livefair::test
