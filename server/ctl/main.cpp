#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "base/log.hpp"
#include "ctl/commands.hpp"

int main(int argc, char** argv) {
    CLI::App command("livefair-ctl: work on Livefair's ledger. But for backup, stop livefair-server first where the ledger is an SQLite file: one process may open it.");
    command.require_subcommand(1);
    command.set_version_flag("--version", "livefair-ctl " LIVEFAIR_VERSION);
    std::string config_file;
    command.add_option("--config", config_file, "TOML file; every key is explained in config/livefair.toml")->check(CLI::ExistingFile);

    std::string show;
    auto& reconcile = *command.add_subcommand("reconcile", "recount Redis and the ledger; exit code 1 when they differ");
    reconcile.add_option("--show", show, "one show; all shows that were on sale, and all bulk channels and stalls, when left out");
    std::string name;
    auto& password = *command.add_subcommand("password", "set a member of staff's password, read from standard input");
    password.add_option("name", name, "the name used to sign in, for instance operator")->required();
    std::string file;
    auto& backup = *command.add_subcommand("backup", "copy the ledger to a new file, checked and on disk, also while livefair-server sells");
    backup.add_option("file", file, "the file to make; an SQLite file, or an archive of pg_dump for a ledger in PostgreSQL")->required();
    auto& restore = *command.add_subcommand("restore", "make the ledger from such a file, where there is none yet");
    restore.add_option("file", file, "a file that backup made")->required();
    CLI11_PARSE(command, argc, argv);

    int status = 2;
    try {
        const auto config = livefair::load_config(config_file);
        livefair::log::start("livefair-ctl", "warn");
        if (reconcile.parsed()) status = livefair::ctl::reconcile(config, show);
        else if (backup.parsed()) status = livefair::ctl::back_up(config, file);
        else if (restore.parsed()) status = livefair::ctl::restore(config, file);
        else if (password.parsed()) status = livefair::ctl::set_password(config, name);
    } catch (const std::exception& exception) {
        std::cerr << "livefair-ctl: " << exception.what() << '\n';
    }
    livefair::log::stop();
    return status;
}
