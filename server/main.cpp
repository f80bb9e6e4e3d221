#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include "app.hpp"
#include "base/log.hpp"

namespace {

constexpr const char* version = "livefair-server " LIVEFAIR_VERSION;

/// One line of JSON on stdout, for whoever started the program.
void say(const boost::json::object& line) { std::cout << boost::json::serialize(line) << std::endl; }

/// Roles of their own come with more than one gateway.
bool is_known_role(const std::string& role) {
    if (role == "all") return true;
    std::cerr << "livefair-server: --role " << role << " 尚不支持，请使用 --role all。\n"
              << "livefair-server: --role " << role << " is not available yet; use --role all, one process for everything.\n";
    return false;
}

int serve(const std::string& config_file) {
    const auto config = livefair::load_config(config_file);
    livefair::log::start("livefair-server", config.log.level, config.log.file);
    livefair::App app(config);
    if (!app.first_operator_password().empty())
        say({{"first_operator", "operator"}, {"password", app.first_operator_password()}});
    app.start();
    say({{"ready", "livefair-server"}, {"port", app.port()}, {"health_port", app.health_port()}});
    app.run_until_stopped();
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App command("livefair-server: pages, API, WebSocket, rooms, checkout and ledger of Livefair.");
    std::string config_file;
    std::string role = "all";
    command.add_option("--config", config_file, "TOML file; every key is explained in config/livefair.toml")->check(CLI::ExistingFile);
    command.add_option("--role", role, "all (gateway and ledger in one process)")->check(CLI::IsMember({"all", "gateway", "ledger"}));
    command.set_version_flag("--version", version);
    command.footer("Environment variables LIVEFAIR_<SECTION>_<KEY> override the file. SIGTERM drains and exits; a second one exits at once.");
    CLI11_PARSE(command, argc, argv);
    if (!is_known_role(role)) return 2;

    std::signal(SIGPIPE, SIG_IGN);
    int status = EXIT_FAILURE;
    try {
        status = serve(config_file);
    } catch (const std::exception& exception) {
        std::cerr << "livefair-server: " << exception.what() << '\n';
    }
    livefair::log::stop();
    return status;
}
