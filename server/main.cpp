#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include "app.hpp"
#include "base/log.hpp"
#include "gateway_app.hpp"

namespace {

constexpr const char* version = "livefair-server " LIVEFAIR_VERSION;

/// One line of JSON on stdout, for whoever started the program.
void say(const boost::json::object& line) { std::cout << boost::json::serialize(line) << std::endl; }

template <class App>
int serve(App& app) {
    app.start();
    say({{"ready", "livefair-server"}, {"port", app.port()}, {"health_port", app.health_port()}});
    app.run_until_stopped();
    return EXIT_SUCCESS;
}

int run(const std::string& config_file, bool is_gateway) {
    auto config = livefair::load_config(config_file);
    livefair::log::start("livefair-server", config.log.level, config.log.file);
    if (is_gateway) {
        livefair::GatewayApp app(std::move(config));
        return serve(app);
    }
    livefair::App app(std::move(config));
    if (!app.first_operator_password().empty())
        say({{"first_operator", "operator"}, {"password", app.first_operator_password()}});
    return serve(app);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App command("livefair-server: pages, API, WebSocket, rooms, checkout and ledger of Livefair.");
    std::string config_file;
    std::string role = "all";
    command.add_option("--config", config_file, "TOML file; every key is explained in config/livefair.toml")->check(CLI::ExistingFile);
    command.add_option("--role", role, "all, or ledger (the same; gateways help it): pages, API, WebSocket and ledger. gateway: WebSocket alone, see server.ledger_url")->check(CLI::IsMember({"all", "gateway", "ledger"}));
    command.set_version_flag("--version", version);
    command.footer("Environment variables LIVEFAIR_<SECTION>_<KEY> override the file. SIGTERM drains and exits; a second one exits at once.");
    CLI11_PARSE(command, argc, argv);

    std::signal(SIGPIPE, SIG_IGN);
    int status = EXIT_FAILURE;
    try {
        status = run(config_file, role == "gateway");
    } catch (const std::exception& exception) {
        std::cerr << "livefair-server: " << exception.what() << '\n';
    }
    livefair::log::stop();
    return status;
}
