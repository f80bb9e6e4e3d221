// livefair-media: RTMP in, LL-HLS out; `livefair-media verify` checks its recordings.
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "app.hpp"
#include "base/config.hpp"
#include "base/log.hpp"
#include "record/library.hpp"

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

int verify(const std::vector<std::string>& paths) {
    bool whole = true;
    for (const auto& path : paths) {
        auto folders = livefair::record::list_below(path);
        if (folders.empty()) folders.push_back(path);
        for (const auto& folder : folders) {
            const auto faults = livefair::record::verify(folder);
            whole = whole && faults.empty();
            std::printf("%s  %s%s\n", faults.empty() ? "完整 whole  " : "有误 FAULTY", folder.c_str(),
                        livefair::record::has_ended(folder) ? "" : "  （尚未结束 not ended）");
            for (const auto& fault : faults) std::printf("    %s / %s\n", fault.zh.c_str(), fault.en.c_str());
        }
    }
    return whole ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App options("livefair-media: takes streams over RTMP and serves them as low-latency HLS");
    std::string config_file;
    options.add_option("--config", config_file, "Settings (TOML); config/livefair.toml explains each")->check(CLI::ExistingFile);
    options.set_version_flag("--version", std::string(LIVEFAIR_VERSION));
    auto* verification = options.add_subcommand("verify", "核对录像：逐个核对文件与清单，找出改动、缺失或多出的片段 / Checks recordings against their manifests; exit status 0 only when all are whole");
    std::vector<std::string> paths;
    verification->add_option("PATH", paths, "A recording's folder, a room's, or the folder of all recordings")->required()->check(CLI::ExistingDirectory);
    CLI11_PARSE(options, argc, argv);
    try {
        if (verification->parsed()) return verify(paths);
        return run(config_file);
    } catch (const std::exception& error) {
        livefair::log::stop();
        std::fprintf(stderr, "livefair-media: %s\n", error.what());
        return 1;
    }
}
