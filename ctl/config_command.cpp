#include "config_command.hpp"

#include "system/account_database.hpp"
#include "system/config_file.hpp"

#include <iostream>

namespace sshpermd {

ExitCode config_show(const Options& options) {
    std::cout << to_text(load_config(options.config_file)) << '\n';
    return ExitCode::ok;
}

ExitCode config_check(const Options& options) {
    const auto config = load_config(options.config_file);
    resolve_group(*read_accounts(config.home_roots), config.home_root_group);
    if (options.verbosity != Verbosity::quiet)
        std::cout << options.config_file.value_or(default_config_path) << ": ok\n";
    return ExitCode::ok;
}

} // namespace sshpermd
