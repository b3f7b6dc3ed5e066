#include "commands.hpp"

#include "complain.hpp"
#include "config_command.hpp"
#include "explain.hpp"
#include "homes/check.hpp"
#include "homes/suggest.hpp"
#include "key_files/add_key.hpp"
#include "key_files/check_key.hpp"
#include "key_files/keys.hpp"
#include "readiness.hpp"
#include "repairs/create.hpp"
#include "repairs/recursive.hpp"
#include "repairs/repair.hpp"
#include "repairs/rescue.hpp"
#include "socket/control.hpp"
#include "socket/events.hpp"
#include "socket/status.hpp"
#include "socket/users.hpp"
#include "sshd/repair.hpp"
#include "undo/undo.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace sshpermd {
namespace {

ExitCode print_version(const Options& options) {
    if (options.output == Output::json)
        std::cout << nlohmann::json{{"name", "sshpermctl"}, {"version", SSHPERMD_VERSION}} << '\n';
    else
        std::cout << "sshpermctl " SSHPERMD_VERSION "\n";
    return ExitCode::ok;
}

/// A command that says at once what it lacks, and how to come by it.
Command ready(Need need, const Command& command) {
    return [need, command](const Options& options) {
        const bool only_looks = options.dry_run || options.root;
        const auto missing = what_is_missing(only_looks ? Need::proc : need);
        return missing ? complain(*missing, ExitCode::failed) : command(options);
    };
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& what,
                      Command& chosen, const Command& command) {
    auto* const sub = app.add_subcommand(name, what);
    sub->fallthrough();
    sub->callback([&chosen, command] { chosen = command; });
    return sub;
}

void add_root(CLI::App& command, Options& options) {
    command
        .add_option("--root", options.root,
                    "the root volume of another machine, mounted there, instead of this machine")
        ->type_name("DIR");
}

void add_repair(CLI::App& app, Options& options, Command& chosen) {
    auto* const command = add_command(
        app, "repair", "make it so", chosen, ready(Need::writable, [](const Options& given) {
            if (given.sshd)
                return repair_sshd(given);
            if (given.root)
                return repair_image(given);
            if (given.recursive)
                return repair_recursively(given);
            if (given.create)
                return create(given);
            return given.dry_run ? repair_dry_run(given) : repair(given);
        }));
    command->add_option("USER", options.users, "only these accounts");
    command->add_flag("--dry-run", options.dry_run, "only show what would be changed");
    command->add_flag("--sshd", options.sshd, "what sshd itself needs to start, and no account");
    add_root(*command, options);
    command->add_flag("--take-ownership", options.take_ownership,
                      "give files of other users in USER's chain to USER");
    command
        ->add_option("--trust-content", options.trust_content,
                     "what is in USER's key file is good: its hash")
        ->type_name("SHA256:HASH");
    command->add_flag("--recursive", options.recursive,
                      "hand over all below USER's home that is not USER's, as far as that is safe");
    command
        ->add_option("--owner-from", options.owner_from,
                     "with --recursive: what is this user's is USER's, also root")
        ->type_name("NAME|UID");
    command->add_flag("--create", options.create, "make USER's home or .ssh where it is missing");
}

void add_explain(CLI::App& app, Options& options, Command& chosen) {
    auto* const command =
        add_command(app, "explain", "say whether sshd would let a user in, and if not, why", chosen,
                    ready(Need::proc, explain));
    command->add_option("USER", options.users, "the account");
    add_root(*command, options);
    command
        ->add_option("--key", options.key,
                     "with this key: a file of any format, or a fingerprint; else with any")
        ->type_name("FILE|FINGERPRINT");
    command->add_option("--from", options.from, "from this address, where it matters")
        ->type_name("ADDR");
}

void add_events(CLI::App& app, Options& options, Command& chosen) {
    auto* const command =
        add_command(app, "events", "what was done and found, the latest last", chosen, events);
    command->add_flag("-f,--follow", options.follow, "and what is to come");
    command
        ->add_option(
            "--since", options.since,
            "from then on: 1h (ago), 2026-11-21T09:00:00Z, or behind the event with this id")
        ->type_name("WHEN");
    command->add_option("--user", options.user, "only of this account")->type_name("NAME");
}

void add_pause(CLI::App& app, Options& options, Command& chosen) {
    auto* const command =
        add_command(app, "pause", "repair nothing for a while, only report", chosen, pause);
    command->add_option("--for", options.pause_length, "how long: 30m (s, m or h), 24h at most")
        ->type_name("DURATION")
        ->required();
    command->add_option("--reason", options.reason, "why, for all who look")
        ->type_name("TEXT")
        ->required();
}

void add_add_key(CLI::App& app, Options& options, Command& chosen) {
    auto* const command = add_command(app, "add-key", "let a key in, in the file that sshd reads",
                                      chosen, ready(Need::writable, add_key));
    command->add_option("USER", options.user, "whose file")->required();
    add_root(*command, options);
    command->add_option("FILE", options.file, "a public key of any format, - for standard input");
    command->add_flag("--from-imds", options.from_imds,
                      "the key that this EC2 instance was launched with");
    command->add_flag("--dry-run", options.dry_run, "only say what would come of it");
}

void add_undo(CLI::App& app, Options& options, Command& chosen) {
    auto* const command =
        add_command(app, "undo", "take a repair back, and keep it so; alone: list what can be",
                    chosen, ready(Need::proc, undo));
    command->add_option("EVENT-ID|USER", options.undo,
                        "this repair, or the last one of this account");
    command->add_flag("--last", options.last, "the last one that can be undone");
    command->add_flag("--yes", options.yes, "also to a state in which others could write");
}

} // namespace

void add_commands(CLI::App& app, Options& options, Command& chosen) {
    auto* const look = add_command(app, "check", "compare with the policy, change nothing", chosen,
                                   ready(Need::proc, [](const Options& given) {
                                       return given.root ? check_image(given) : check(given);
                                   }));
    look->add_option("USER", options.users, "only these accounts");
    add_root(*look, options);
    add_repair(app, options, chosen);
    add_undo(app, options, chosen);
    add_explain(app, options, chosen);
    auto* const list =
        add_command(app, "keys", "list the keys of accounts, and what sshd ignores", chosen, keys);
    list->add_option("USER", options.users, "only these accounts");
    add_root(*list, options);
    add_add_key(app, options, chosen);
    add_command(app, "check-key", "say what a key file is and who can use it", chosen, check_key)
        ->add_option("FILE", options.file, "of any format, private or public");
    add_command(app, "status", "how the running daemon is", chosen, status);
    add_command(app, "users", "how each account stands", chosen, users)
        ->add_option("--state", options.state, "only those in this state, such as withheld")
        ->type_name("STATE");
    add_events(app, options, chosen);
    add_pause(app, options, chosen);
    add_command(app, "resume", "end a pause", chosen, resume);
    add_command(app, "reload", "make the daemon read its configuration again", chosen, reload);
    add_command(app, "metrics", "print the daemon's metrics for Prometheus", chosen, metrics)
        ->add_option("--textfile", options.textfile, "write them to this file, as a whole")
        ->type_name("FILE");
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
}

} // namespace sshpermd
