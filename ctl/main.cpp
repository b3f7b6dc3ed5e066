// sshpermctl: the operator's tool. Reads the command line and calls one command.

#include "check.hpp"
#include "config_command.hpp"
#include "event/text.hpp"
#include "exit_code.hpp"
#include "options.hpp"
#include "survey.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <exception>
#include <functional>
#include <iostream>
#include <system_error>

namespace sshpermd {
namespace {

using Command = std::function<ExitCode(const Options&)>;

ExitCode print_version(const Options& options) {
    if (options.output == Output::json)
        std::cout << nlohmann::json{{"name", "sshpermctl"}, {"version", SSHPERMD_VERSION}} << '\n';
    else
        std::cout << "sshpermctl " SSHPERMD_VERSION "\n";
    return ExitCode::ok;
}

ExitCode complain(const std::exception& error, ExitCode code) {
    std::cerr << "sshpermctl: " << error.what() << '\n';
    return code;
}

ExitCode complain_of_usage(const std::string& problem) {
    std::cerr << "sshpermctl: " << problem << " (see sshpermctl --help)\n";
    return ExitCode::usage;
}

/// CLI11 only says that a subcommand is required, also when an unknown one was given.
std::string missing_command(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (!word.empty() && word.front() != '-' && word != "config")
            return "unknown command \"" + printable(word) +
                   "\": there are check, repair, config show, config check and version";
    }
    return "what shall I do? There are check, repair, config show, config check and version";
}

ExitCode run(const Command& command, const Options& options) {
    try {
        return command(options);
    } catch (const ConfigError& error) {
        return complain(error, ExitCode::bad_config);
    } catch (const UnknownUser& error) {
        return complain(error, ExitCode::failed);
    } catch (const std::system_error& error) {
        const auto number = error.code().value();
        return complain(error, number == EACCES || number == EPERM ? ExitCode::permission_denied
                                                                   : ExitCode::failed);
    } catch (const std::exception& error) {
        return complain(error, ExitCode::failed);
    }
}

void add_common_options(CLI::App& app, Options& options) {
    app.add_flag_callback(
        "--json", [&] { options.output = Output::json; }, "print one JSON document");
    app.add_option("--config", options.config_file,
                   "read this file instead of /etc/sshpermd/sshpermd.json")
        ->type_name("FILE");
    app.add_option_function<std::string>(
           "--color",
           [&](const std::string& when) {
               options.color = when == "always"  ? ColorChoice::always
                               : when == "never" ? ColorChoice::never
                                                 : ColorChoice::automatic;
           },
           "auto, always or never")
        ->type_name("WHEN")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    app.add_flag_callback(
        "-q,--quiet", [&] { options.verbosity = Verbosity::quiet; }, "print errors only");
    app.add_flag_callback(
        "-v,--verbose", [&] { options.verbosity = Verbosity::verbose; },
        "also list what is as it should be");
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& what,
                      Command& chosen, const Command& command) {
    auto* const sub = app.add_subcommand(name, what);
    sub->fallthrough();
    sub->callback([&chosen, command] { chosen = command; });
    return sub;
}

ExitCode main(int argc, char** argv) {
    CLI::App app{"Keeps the permissions that SSH logins depend on: check and repair them, and look "
                 "at the configuration."};
    app.name("sshpermctl");
    app.require_subcommand(1);

    Options options;
    Command chosen;
    bool dry_run = false;
    add_common_options(app, options);
    add_command(app, "check", "compare with the policy, change nothing", chosen, check)
        ->add_option("USER", options.users, "only these accounts");
    auto* const repair_command =
        add_command(app, "repair", "make it so", chosen, [&](const Options& given) {
            return dry_run ? repair_dry_run(given) : repair(given);
        });
    repair_command->add_option("USER", options.users, "only these accounts");
    repair_command->add_flag("--dry-run", dry_run, "only show what would be changed");
    add_command(app, "version", "print the version", chosen, print_version);

    auto* const config = app.add_subcommand("config", "the configuration");
    config->require_subcommand(1);
    config->fallthrough();
    add_command(*config, "show", "print it in full, defaults included", chosen, config_show);
    add_command(*config, "check", "say whether it can be used", chosen, config_check);

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked_for_help) {
        return static_cast<ExitCode>(app.exit(asked_for_help));
    } catch (const CLI::RequiredError&) {
        return complain_of_usage(missing_command(argc, argv));
    } catch (const CLI::ParseError& error) {
        return complain_of_usage(error.what());
    }
    return run(chosen, options);
}

} // namespace
} // namespace sshpermd

int main(int argc, char** argv) {
    try {
        return static_cast<int>(sshpermd::main(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "sshpermctl: " << error.what() << '\n';
        return static_cast<int>(sshpermd::ExitCode::failed);
    }
}
