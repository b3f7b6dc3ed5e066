// sshpermd: the daemon. Reads the command line, then hands over to App.

#include "app.hpp"
#include "events/log.hpp"
#include "service_status.hpp"
#include "system/account_child.hpp"
#include "system/config_file.hpp"

#include <CLI/CLI.hpp>

#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <string>

namespace sshpermd {
namespace {

// The same numbers as sshpermctl's.
constexpr int exit_ok = 0;
constexpr int exit_usage = 2;
constexpr int exit_permission_denied = 4;
constexpr int exit_failed = 5;
constexpr int exit_bad_config = 6;

int complain(const std::string& problem, int code) {
    std::cerr << "sshpermd: " << problem << '\n';
    return code;
}

int only_check_config(const std::optional<std::string>& file) {
    try {
        std::cout << check_config(file);
    } catch (const ConfigError& error) {
        return complain(error.what(), exit_bad_config);
    }
    return exit_ok;
}

int main(int argc, char** argv) {
    if (argc == 2 && argv[1] == account_child_argument) // nobody's to give: not in --help
        return be_account_child();
    CLI::App command_line{"Repairs the file permissions that SSH logins depend on, the moment they "
                          "drift. Runs in the foreground until SIGTERM."};
    command_line.name("sshpermd");
    std::optional<std::string> config_file;
    bool only_check = false;
    std::string target = "auto";
    command_line
        .add_option("--config", config_file, "read this file and no other of the configuration")
        ->type_name("FILE");
    command_line.add_flag("--check-config", only_check,
                          "say whether the configuration can be used");
    command_line.add_option("--log-target", target, "where events go: auto, journal or stderr")
        ->type_name("WHERE")
        ->check(CLI::IsMember({"auto", "journal", "stderr"}));
    command_line.set_version_flag("--version", "sshpermd " SSHPERMD_VERSION);
    try {
        command_line.parse(argc, argv);
    } catch (const CLI::Success& asked_for_help) {
        return command_line.exit(asked_for_help);
    } catch (const CLI::ParseError& error) {
        return complain(std::string{error.what()} + " (see sshpermd --help)", exit_usage);
    }

    if (only_check)
        return only_check_config(config_file);
    if (geteuid() != 0)
        return complain("must run as root: it watches and repairs every account's home",
                        exit_permission_denied);
    if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) // whoever reads our standard error may go away
        return complain("cannot ignore SIGPIPE", exit_failed);
    // Else a large block that is given back once makes glibc keep as much, free, in each heap.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    App{config_file, log_target(target), passed_socket()}.run();
    return exit_ok;
}

} // namespace
} // namespace sshpermd

int main(int argc, char** argv) {
    try {
        return sshpermd::main(argc, argv);
    } catch (const std::exception& error) {
        return sshpermd::complain(error.what(), sshpermd::exit_failed);
    }
}
