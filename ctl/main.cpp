// sshpermctl: the operator's tool. Reads the command line and calls one command.

#include "check.hpp"
#include "check_key.hpp"
#include "config_command.hpp"
#include "event/text.hpp"
#include "exit_code.hpp"
#include "keys.hpp"
#include "options.hpp"
#include "reconcile/request.hpp"
#include "repair.hpp"
#include "status.hpp"
#include "suggest.hpp"
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

constexpr const char* commands =
    "check, repair, keys, check-key, status, ping, forget, config show, "
    "config check, config suggest and version";

/// CLI11 only says that a subcommand is required, also when an unknown one was given.
std::string missing_command(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (!word.empty() && word.front() != '-' && word != "config")
            return "unknown command \"" + printable(word) + "\": there are " + commands;
    }
    return std::string{"what shall I do? There are "} + commands;
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
                   "read this file and no other of the configuration")
        ->type_name("FILE");
    app.add_option("--socket", options.socket,
                   "ask the daemon there instead of where the configuration says")
        ->type_name("PATH");
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
        "also list what is as it should be; of config show, which file says what");
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& what,
                      Command& chosen, const Command& command) {
    auto* const sub = app.add_subcommand(name, what);
    sub->fallthrough();
    sub->callback([&chosen, command] { chosen = command; });
    return sub;
}

/// What CLI11 cannot say; empty when all is well.
std::string usage_problem(const Options& options) {
    if (options.take_ownership && options.users.empty())
        return "--take-ownership needs at least one USER: nobody vouches for everybody's files";
    if (!options.trust_content)
        return {};
    if (!is_content_hash(*options.trust_content))
        return "--trust-content needs a hash as repair.withheld names it: SHA256: and 43 digits of "
               "base64 or 64 of base 16";
    if (options.users.size() != 1)
        return "--trust-content needs exactly one USER: the hash is of one file";
    return {};
}

void add_repair(CLI::App& app, Options& options, bool& dry_run, Command& chosen) {
    auto* const command =
        add_command(app, "repair", "make it so", chosen, [&](const Options& given) {
            return dry_run ? repair_dry_run(given) : repair(given);
        });
    command->add_option("USER", options.users, "only these accounts");
    command->add_flag("--dry-run", dry_run, "only show what would be changed");
    command->add_flag("--take-ownership", options.take_ownership,
                      "give files of other users in USER's chain to USER");
    command
        ->add_option("--trust-content", options.trust_content,
                     "what is in USER's key file is good: its hash")
        ->type_name("SHA256:HASH");
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
    add_repair(app, options, dry_run, chosen);
    add_command(app, "keys", "list the keys of accounts, and what sshd ignores", chosen, keys)
        ->add_option("USER", options.users, "only these accounts");
    add_command(app, "check-key", "say what a key file is and who can use it", chosen, check_key)
        ->add_option("FILE", options.file, "of any format, private or public");
    add_command(app, "status", "how the running daemon is", chosen, status);
    add_command(app, "ping", "how long its loop takes to answer", chosen, ping);
    add_command(app, "forget", "remember nothing of what was seen", chosen, forget)
        ->add_option("USER", options.users, "only of these accounts");
    add_command(app, "version", "print the version", chosen, print_version);

    auto* const config = app.add_subcommand("config", "the configuration");
    config->require_subcommand(1);
    config->fallthrough();
    add_command(*config, "show", "print it in full, defaults included", chosen, config_show);
    add_command(*config, "check", "say whether it can be used", chosen, config_check);
    add_command(*config, "suggest", "print overrides for homes that others use", chosen,
                config_suggest);

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked_for_help) {
        return static_cast<ExitCode>(app.exit(asked_for_help));
    } catch (const CLI::RequiredError&) {
        return complain_of_usage(missing_command(argc, argv));
    } catch (const CLI::ParseError& error) {
        return complain_of_usage(error.what());
    }
    if (const auto problem = usage_problem(options); !problem.empty())
        return complain_of_usage(problem);
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
