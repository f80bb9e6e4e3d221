#include "integration/system/system.hpp"

#include <signal.h>
#include <sqlite3.h>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "support/ports.hpp"

namespace livefair::test {

namespace {

constexpr std::chrono::seconds start_limit{40};  // sanitizers start slowly on a busy machine

}  // namespace

System::System() {
    const auto ports = free_ports(5);
    port_ = ports[0];
    health_port_ = ports[1];
    hls_port_ = ports[2];
    rtmp_port_ = ports[3];
    media_health_port_ = ports[4];
    start_server();
}

System::~System() {
    for (Process* program : {server_.get(), media_.get()}) {
        if (!program || !program->is_running()) continue;
        const int status = program->terminate(std::chrono::seconds(20));
        INFO(program->errors());
        CHECK(status == 0);
    }
}

std::unique_ptr<Process> System::start(const std::string& name, const std::string& program, const std::string& ready,
                                       std::map<std::string, std::string> environment) {
    environment["LIVEFAIR_REDIS_SOCKET"] = redis_.socket();
    environment["LIVEFAIR_LOG_LEVEL"] = "info";
    environment["LIVEFAIR_MEDIA_SECRET_FILE"] = folder_.file("media.secret");
    environment["LIVEFAIR_RECORD_DIR"] = folder_.file("recordings");
    Process::Options options;
    options.command = {program};
    options.environment = std::move(environment);
    // A file for each start: what an earlier one printed must not look like this one's.
    options.output_file = folder_.file(name + std::to_string(++starts_) + ".out");
    options.error_file = folder_.file(name + ".log");
    auto process = std::make_unique<Process>(std::move(options));
    if (wait_for_line(*process, ready, start_limit).empty()) throw std::runtime_error(program + " did not start:\n" + process->errors());
    return process;
}

void System::start_server() {
    server_.reset();
    server_ = start("server", LIVEFAIR_SERVER_PROGRAM, "\"ready\"",
                    {{"LIVEFAIR_SERVER_PORT", std::to_string(port_)},
                     {"LIVEFAIR_SERVER_HEALTH_PORT", std::to_string(health_port_)},
                     {"LIVEFAIR_SERVER_SHARDS", "2"},
                     {"LIVEFAIR_SITE_URL", url()},
                     {"LIVEFAIR_LEDGER_PATH", ledger_path()},
                     {"LIVEFAIR_PAYMENT_WEBHOOK_SECRET_FILE", folder_.file("webhook.secret")},
                     {"LIVEFAIR_ORDERS_PERSONAL_KEY_FILE", folder_.file("personal.key")},
                     {"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}});
    if (!operator_password_.empty()) return;
    const auto first = boost::json::parse(wait_for_line(*server_, "first_operator"));
    operator_password_ = std::string(first.at("password").as_string());
}

void System::start_media() {
    media_.reset();
    media_ = start("media", LIVEFAIR_MEDIA_PROGRAM, "\"ready\"",
                   {{"LIVEFAIR_MEDIA_HLS_PORT", std::to_string(hls_port_)},
                    {"LIVEFAIR_MEDIA_RTMP_PORT", std::to_string(rtmp_port_)},
                    {"LIVEFAIR_MEDIA_HEALTH_PORT", std::to_string(media_health_port_)}});
}

void System::kill9(Process& process) {
    process.signal(SIGKILL);
    if (!process.wait(std::chrono::seconds(10))) throw std::runtime_error("a killed process does not end");
}

std::string System::logs() const { return read_file(folder_.path() / "server.log") + read_file(folder_.path() / "media.log"); }

std::int64_t ledger_number(const std::string& path, const std::string& sql) {
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    std::int64_t number = 0;
    bool read = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK;
    sqlite3_busy_timeout(database, 5000);
    read = read && sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
    if (read) number = sqlite3_column_int64(statement, 0);
    const std::string problem = read ? "" : sqlite3_errmsg(database);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    if (!read) throw std::runtime_error(sql + ": " + problem);
    return number;
}

}  // namespace livefair::test
