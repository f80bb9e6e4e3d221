#include "chaos/scene.hpp"

#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <stdexcept>

#include "bench/api.hpp"
#include "chaos/goods.hpp"
#include "net/http_client.hpp"
#include "support/ports.hpp"
#include "support/run_task.hpp"

namespace livefair::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds start_limit{40};
constexpr seconds step_limit{30};

std::int64_t number_in(const std::string& line, const char* key) { return boost::json::parse(line).at(key).to_number<std::int64_t>(); }
std::string url_on(const std::string& host, std::int64_t port) { return "http://" + host + ":" + std::to_string(port); }

}  // namespace

Scene::Scene(Plan plan, History& history, std::uint64_t seed) : plan_(std::move(plan)), history_(history), random_(seed) {
    const auto ports = test::free_ports(2);
    port_ = ports[0];
    health_port_ = ports[1];
    if (plan_.redis == Plan::Redis::machines) machines_ = std::make_unique<test::Namespaces>();
    if (plan_.power_loss) server_environment_ = power_.environment();
    if (plan_.redis == Plan::Redis::one) {
        redis_ = std::make_unique<test::RedisServer>(plan_.redis_arguments, server_environment_);
        redis_client_ = std::make_unique<redis::Client>(staff_context_.get_executor(), redis_->options());
        redis_client_->start();
    } else if (plan_.redis == Plan::Redis::cluster) {
        cluster_ = std::make_unique<test::RedisCluster>();
    } else {
        group_ = std::make_unique<test::RedisSentinels>(machines_.get(), plan_.redis_arguments);
    }
    if (plan_.postgres) postgres_ = std::make_unique<test::PostgresServer>();
    if (plan_.clock_jumps) server_environment_ = clock_.environment();
    if (plan_.wire_to_redis) redis_wire_ = std::make_unique<test::Wire>(redis_->socket());
    start_server();
    if (plan_.wire_to_server) server_wire_ = std::make_unique<test::Wire>(static_cast<std::uint16_t>(port_));
    start_gateways();
}

Scene::~Scene() {
    net::asio::post(crowd_, [this] { closing_ = give_up_ = true; });
    if (redis_wire_) redis_wire_->mend();
    if (server_wire_) server_wire_->mend();
    if (crowd_thread_.joinable()) {
        test::eventually([this] { return shopping_ == 0; }, step_limit);
        crowd_.stop();
        crowd_thread_.join();
    }
    if (redis_client_) redis_client_->stop();
}

/// As this program reaches it.
std::string Scene::url_of(std::size_t machine, std::int64_t port) const { return url_on(machines_ ? machines_->line_address(machine) : "127.0.0.1", port); }

std::string Scene::redis_socket() {
    if (cluster_) return "";
    return redis_ ? redis_->socket() : group_->server(group_->primary()).socket();
}

std::map<std::string, std::string> Scene::settings() const {
    std::map<std::string, std::string> all{{"LIVEFAIR_REDIS_SOCKET", redis_ ? redis_->socket() : ""},
                                           {"LIVEFAIR_SERVER_PORT", std::to_string(port_)},
                                           {"LIVEFAIR_SERVER_HEALTH_PORT", std::to_string(health_port_)},
                                           {"LIVEFAIR_SERVER_SHARDS", "2"},
                                           {"LIVEFAIR_SERVER_WEB_DIR", folder_.file("no-pages")},
                                           {postgres_ ? "LIVEFAIR_LEDGER_URL" : "LIVEFAIR_LEDGER_PATH", ledger_location()},
                                           {"LIVEFAIR_PAYMENT_WEBHOOK_SECRET_FILE", folder_.file("webhook.secret")},
                                           {"LIVEFAIR_MEDIA_SECRET_FILE", folder_.file("media.secret")},
                                           {"LIVEFAIR_RECORD_DIR", folder_.file("recordings")},
                                           {"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"},
                                           {"LIVEFAIR_LIMITS_PROXY_ADDRESSES", "127.0.0.1"}};
    if (redis_wire_) {
        all["LIVEFAIR_REDIS_SOCKET"] = "";
        all["LIVEFAIR_REDIS_PORT"] = std::to_string(redis_wire_->port());
    }
    if (group_) all["LIVEFAIR_REDIS_HOST"] = group_->url();
    if (cluster_) all["LIVEFAIR_REDIS_CLUSTER_NODES"] = cluster_->some_nodes();
    if (machines_) {
        std::string known = "127.0.0.1";
        for (std::size_t i = 0; i < test::Namespaces::count; ++i) known += "," + machines_->address(i) + "," + machines_->our_line_address(i);
        all["LIVEFAIR_SERVER_ADDRESS"] = "0.0.0.0";
        all["LIVEFAIR_LIMITS_TRUSTED_ADDRESSES"] = all["LIVEFAIR_LIMITS_PROXY_ADDRESSES"] = known;
    }
    for (const auto& [name, value] : plan_.settings) all[name] = value;
    return all;
}

std::unique_ptr<test::Process> Scene::start(const std::string& role, std::map<std::string, std::string> environment) {
    test::Process::Options options;
    if (machines_) options.command = machines_->prefix(role == "gateway" ? plan_.gateway_machine : plan_.server_machine);
    options.command.insert(options.command.end(), {LIVEFAIR_SERVER_PROGRAM, "--role", role});
    options.environment = std::move(environment);
    // A file for each start: what an earlier one printed must not look like this one's.
    options.output_file = folder_.file(role + std::to_string(++starts_) + ".out");
    options.error_file = folder_.file("server.log");
    auto process = std::make_unique<test::Process>(std::move(options));
    if (test::wait_for_line(*process, "\"ready\"", start_limit).empty()) throw std::runtime_error("livefair-server did not start:\n" + process->errors());
    return process;
}

void Scene::start_server() {
    server_.reset();
    auto environment = settings();
    for (const auto& [name, value] : server_environment_) environment[name] = value;
    server_ = start("all", std::move(environment));
    if (!operator_password_.empty()) return;
    operator_password_ = std::string(boost::json::parse(test::wait_for_line(*server_, "first_operator")).at("password").as_string());
}

void Scene::start_gateways() {
    for (int i = 0; i < plan_.gateways; ++i) {
        auto environment = settings();
        environment["LIVEFAIR_SERVER_PORT"] = environment["LIVEFAIR_SERVER_HEALTH_PORT"] = "0";
        environment["LIVEFAIR_SERVER_LEDGER_URL"] = url_on(machines_ ? machines_->address(plan_.server_machine) : "127.0.0.1", port_);
        gateways_.push_back(start("gateway", std::move(environment)));
        gateway_ports_.push_back(number_in(test::wait_for_line(*gateways_.back(), "\"ready\""), "port"));
    }
}

void Scene::kill_server() {
    server_->signal(SIGKILL);
    if (!server_->wait(seconds(10))) throw std::runtime_error("a killed server does not end");
}

void Scene::stop_server() {
    const int status = server_->terminate(seconds(20));
    if (status != 0) throw std::runtime_error("SIGTERM: the server ended with status " + std::to_string(status) + "\n" + server_->errors());
}

template <class T>
T Scene::run(net::Task<T> task) {
    return test::run_task(staff_context_, std::move(task), step_limit);
}

void Scene::begin() {
    put_on_sale();
    gather();
    crowd_thread_ = std::thread([this] { crowd_.run(); });
    for (const auto& shopper : shoppers_) {
        ++shopping_;
        net::asio::co_spawn(crowd_, shopper->shop(shelf_, plan_.habits, history_, closing_, give_up_), [this](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
            --shopping_;
        });
    }
    history_.note(std::to_string(shoppers_.size()) + " buyers begin; " + std::to_string(plan_.stock) + " units of each stock");
}

void Scene::put_on_sale() {
    bench::Api staff(url_of(plan_.server_machine, port_));
    if (!run(staff.sign_in_staff("operator", operator_password_))) throw std::runtime_error("the operator can't sign in");
    operator_token_ = staff.token();
    const auto made = run(make_show(staff, {"chaos", plan_.stock, plan_.limit, plan_.hold_ms}));
    if (!made) throw std::runtime_error("the show can't be made: " + made.error().message());
    shelf_ = *made;
}

void Scene::gather() {
    const auto api = url_of(plan_.server_machine, server_wire_ ? server_wire_->port() : port_);
    std::vector<std::string> sockets{api};
    for (const auto port : gateway_ports_) sockets.push_back(url_of(plan_.gateway_machine, port));
    const auto first_phone = static_cast<std::uint64_t>(random(0, 90'000'000));
    for (std::size_t i = 0; i < static_cast<std::size_t>(plan_.buyers); ++i) {
        auto shopper = test::run_task(crowd_, Shopper::sign_in("b" + std::to_string(i), api, sockets[i % sockets.size()], bench::invented_phone(first_phone + i), random_()), step_limit);
        if (!shopper) throw std::runtime_error("a buyer can't sign in: " + shopper.error().message());
        shoppers_.push_back(std::move(*shopper));
    }
    crowd_.restart();
}

bool Scene::end(seconds patience) {
    history_.note("no new orders; every order to its final answer");
    net::asio::post(crowd_, [this] { closing_ = true; });
    const bool all = test::eventually([this] { return shopping_ == 0; }, patience);
    if (!all) {
        net::asio::post(crowd_, [this] { give_up_ = true; });
        test::eventually([this] { return shopping_ == 0; }, step_limit);
    }
    history_.note(all ? "every order has its final answer" : "orders without a final answer are left");
    return all;
}

void Scene::wait_answers(std::size_t count) {
    const bool came = test::eventually([&] { return history_.answered() >= count || shopping_ == 0; }, step_limit);
    if (!came) throw std::runtime_error("no progress: " + std::to_string(history_.answered()) + " of " + std::to_string(count) + " orders answered\n" + logs());
}

void Scene::wait_more_accepted(std::size_t count) {
    count += history_.accepted();
    const bool came = test::eventually([&] { return history_.accepted() >= count || shopping_ == 0; }, step_limit);
    if (!came) throw std::runtime_error("no progress: " + std::to_string(history_.accepted()) + " of " + std::to_string(count) + " orders accepted\n" + logs());
}

int Scene::ready() {
    if (!machines_) {
        const auto response = run(net::http_request("GET", url_on("127.0.0.1", health_port_) + "/ready", {}, "", milliseconds(2500)));
        return response ? response->status : 0;
    }
    // The health port is on that machine's own loopback.
    test::Process::Options options;
    options.command = machines_->prefix(plan_.server_machine);
    options.command.insert(options.command.end(), {"curl", "-s", "-m", "3", "-o", "/dev/null", "-w", "%{http_code}", url_on("127.0.0.1", health_port_) + "/ready"});
    options.output_file = folder_.file("ready" + std::to_string(++starts_));
    test::Process curl(std::move(options));
    return curl.wait(seconds(5)) == 0 ? std::stoi(curl.output()) : 0;
}

milliseconds Scene::wait_ready(seconds patience) {
    const auto begun = std::chrono::steady_clock::now();
    if (!test::eventually([this] { return ready() == 200; }, patience)) throw std::runtime_error("the server does not get ready\n" + logs());
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
    history_.note("ready to sell after " + std::to_string(took.count()) + " ms");
    return took;
}

redis::Reply Scene::command(redis::Client::Command words) {
    std::optional<redis::Reply> reply;
    const auto ask_one = [&] {
        if (group_) return group_->ask(group_->primary(), words);
        if (cluster_) return cluster_->ask(cluster_->primary_of(words.at(1)), words);
        return run(redis_client_->call(words, seconds(2)));
    };
    const auto ask = [&] {
        auto answer = ask_one();
        if (answer) reply = std::move(*answer);
        return answer.has_value();
    };
    if (!test::eventually(ask, seconds(10))) throw std::runtime_error("Redis does not answer " + words.front());
    return std::move(*reply);
}

void Scene::staff(const std::string& method, const std::string& path, const std::string& body) {
    net::HttpHeaders headers{{"content-type", "application/json"}, {"authorization", "Bearer " + operator_token_}};
    const auto response = run(net::http_request(method, url_of(plan_.server_machine, port_) + path, std::move(headers), body, seconds(10)));
    if (!response || response->status >= 300)
        throw std::runtime_error(method + " " + path + ": " + (response ? std::string(net::body_of(*response)) : response.error().message()));
}

std::string Scene::ledger_copy() {
    namespace fs = std::filesystem;
    const auto copy = folder_.path() / "look";
    fs::remove_all(copy);
    fs::create_directory(copy);
    for (const auto* end : {"", "-wal"})
        if (fs::exists(ledger_location() + end)) fs::copy_file(ledger_location() + end, copy / ("ledger.sqlite3" + std::string(end)));
    return copy / "ledger.sqlite3";
}

std::string Scene::logs() const {
    const auto text = test::read_file(folder_.path() / "server.log");
    constexpr std::size_t tail = 4000;
    return text.size() <= tail ? text : "..." + text.substr(text.size() - tail);
}

}  // namespace livefair::chaos
