// livefair-media: RTMP in, LL-HLS out.
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "app.hpp"
#include "base/config.hpp"
#include "base/log.hpp"

namespace {

/// Blocks the signals that end the program, for this thread and those it starts; main waits for them.
sigset_t block_end_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return signals;
}

int run(const std::string& config_file) {
    const auto signals = block_end_signals();
    auto config = livefair::load_config(config_file);
    livefair::log::start("livefair-media", config.log.level, config.log.file);
    livefair::media::App app(std::move(config));
    app.start();
    std::puts(app.ready_line().c_str());
    std::fflush(stdout);
    int received = 0;
    sigwait(&signals, &received);
    livefair::log::info("draining", {{"signal", received}});
    app.drain();
    livefair::log::stop();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App options("livefair-media: takes streams over RTMP and serves them as low-latency HLS");
    std::string config_file;
    options.add_option("--config", config_file, "Settings (TOML); config/livefair.toml explains each")->check(CLI::ExistingFile);
    options.set_version_flag("--version", std::string(LIVEFAIR_VERSION));
    CLI11_PARSE(options, argc, argv);
    try {
        return run(config_file);
    } catch (const std::exception& error) {
        livefair::log::stop();
        std::fprintf(stderr, "livefair-media: %s\n", error.what());
        return 1;
    }
}
