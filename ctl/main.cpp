// sshpermctl: the operator's tool. Reads the command line and calls one command.

#include "commands.hpp"
#include "complain.hpp"
#include "event/text.hpp"
#include "exit_code.hpp"
#include "homes/survey.hpp"
#include "options.hpp"
#include "policy/fields.hpp"
#include "reconcile/request.hpp"
#include "wrap.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <exception>
#include <iostream>
#include <sstream>
#include <system_error>

namespace sshpermd {
namespace {

ExitCode complain(const std::exception& error, ExitCode code) {
    print_complaint(error.what());
    return code;
}

ExitCode complain_of_usage(const std::string& problem) {
    print_complaint(problem + " (see sshpermctl --help)");
    return ExitCode::usage;
}

/// What a command or an option does stands beside its name, in lines of 80 columns.
std::string fit_to_screen(const std::string& help) {
    constexpr std::size_t beside = 30; // CLI::FormatterBase's column of descriptions
    std::istringstream lines{help};
    std::string fitting;
    for (std::string line; std::getline(lines, line);) {
        const auto start = line.find_first_not_of(' ');
        const bool is_entry = start != std::string::npos && start > 0;
        if (line.size() <= screen_width)
            fitting += line + '\n';
        else if (is_entry)
            fitting += wrapped(line.substr(beside), beside, line.substr(0, beside));
        else
            fitting += wrapped(line, 0);
    }
    return fitting;
}

/// CLI11 only says that a subcommand is required, also when an unknown one was given.
std::string missing_command(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (!word.empty() && word.front() != '-' && word != "config")
            return "unknown command \"" + printable(word) + "\": there are " + list_of_commands;
    }
    return std::string{"what shall I do? There are "} + list_of_commands;
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

/// What CLI11 cannot say; empty when all is well.
std::string usage_problem(Options& options) {
    if (options.take_ownership && options.users.empty())
        return "--take-ownership needs at least one USER: nobody vouches for everybody's files";
    if ((options.recursive || options.create) && options.users.size() != 1)
        return "--recursive and --create need exactly one USER";
    if (options.recursive && options.create)
        return "--create comes first, --recursive is for what is there: one of them";
    if (options.trust_content && (options.recursive || options.create))
        return "--trust-content is for the key file alone: repair it first";
    if (options.take_ownership && options.create)
        return "--take-ownership is for what is there, --create for what is not";
    if (options.root && (options.recursive || options.create))
        return "--root does not go with --recursive and --create: they work on this machine's "
               "homes";
    if (options.root && !options.root->starts_with('/'))
        return "--root needs DIR from / on, where the volume is mounted (\"" +
               printable(*options.root) + "\" depends on where you are)";
    if (!options.owner_from.empty() && !options.recursive)
        return "--owner-from is for --recursive";
    if (options.sshd && (!options.users.empty() || options.root || options.recursive ||
                         options.create || options.take_ownership || options.trust_content))
        return "--sshd is about sshd itself: no USER, --root, --take-ownership or --trust-content";
    if (!options.pause_length.empty()) {
        const auto length = duration_of(options.pause_length);
        if (!length || *length < PauseRequest::shortest || *length > PauseRequest::longest)
            return "--for needs a duration such as 30m (s, m or h), of at most 24h";
        if (options.reason.empty() || options.reason.size() > PauseRequest::longest_reason)
            return "--reason needs 1 to 200 bytes: it is told to everybody who asks";
        options.pause_for = *length;
    }
    if (!options.trust_content)
        return {};
    if (!is_content_hash(*options.trust_content))
        return "--trust-content needs a hash as repair.withheld names it: SHA256: and 43 digits of "
               "base64 or 64 of base 16";
    if (options.users.size() != 1)
        return "--trust-content needs exactly one USER: the hash is of one file";
    return {};
}

ExitCode main(int argc, char** argv) {
    CLI::App app{"Keeps the permissions that SSH logins depend on: check and repair them, and look "
                 "at the configuration."};
    app.name("sshpermctl");
    app.require_subcommand(1);

    Options options;
    Command chosen;
    add_common_options(app, options);
    add_commands(app, options, chosen);

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        std::cout << fit_to_screen(app.help());
        return ExitCode::ok;
    } catch (const CLI::RequiredError& error) {
        const std::string what = error.what();
        return complain_of_usage(what.starts_with("--") ? what : missing_command(argc, argv));
    } catch (const CLI::ParseError& error) {
        const std::string what = error.what();
        if (what.starts_with("The following argument") && what.find("--root") != std::string::npos)
            return complain_of_usage("--root is for check, repair, explain, keys and add-key, and "
                                     "comes after them: all others work on this machine alone");
        return complain_of_usage(what);
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
        sshpermd::print_complaint(error.what());
        return static_cast<int>(sshpermd::ExitCode::failed);
    }
}
