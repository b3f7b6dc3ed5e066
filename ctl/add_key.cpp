#include "add_key.hpp"

#include "client.hpp"
#include "complain.hpp"
#include "event/text.hpp"
#include "instance_metadata.hpp"
#include "lock_holder.hpp"
#include "place.hpp"
#include "reconcile/request.hpp"
#include "recorder.hpp"
#include "system/account_database.hpp"
#include "system/config_file.hpp"
#include "system/memory_file.hpp"
#include "system/repair_lock.hpp"
#include "wanted_key.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace sshpermd {
namespace {

/// What may be used besides the place; nothing of it to look only.
struct Means {
    Recorder* recorder = nullptr;
    Memory* memory = nullptr;
};

Addition add_here(const Place& place, const WantedKey& wanted, Hand hand, const Means& with) {
    Machine machine;
    if (with.recorder != nullptr)
        machine.in_flight = with.recorder->in_flight();
    Round round{machine, place.config, *place.accounts,
                resolve_group(*place.accounts, place.config.home_root_group), hand};
    if (with.memory != nullptr)
        round.remember_in(*with.memory, hand == Hand::repair ? Learn::content : Learn::nothing);
    const auto record = [&](const Report& report) {
        if (with.recorder != nullptr)
            with.recorder->record(report, *place.accounts);
    };
    const auto before = round.root(place.home.root);
    record(before.report);
    const auto found = round.home(before, place.home);
    for (const auto& report : found.reports)
        record(report);
    if (auto obstacle = obstacle_to(wanted, place.home, before, found))
        return *std::move(obstacle);
    const auto root = round.root(place.home.root);
    record(root.report);
    auto added = round.add_key(root, place.home, wanted);
    if (added.addition.result == AdditionResult::added && with.recorder != nullptr)
        with.recorder->record(event_of(added.addition, added.made, Trigger::command));
    return std::move(added.addition);
}

Addition add_and_record(const Place& place, const WantedKey& wanted) {
    Recorder recorder{SSHPERMD_VERSION};
    recorder.tell_of_leftovers(place.config);
    MemoryFile memory{StateUse::change};
    auto addition = add_here(place, wanted, Hand::repair, {&recorder, &memory.memory()});
    memory.sync();
    return addition;
}

void print(const Addition& addition) {
    const auto& path = addition.path.empty() ? addition.user : addition.path;
    switch (addition.result) {
    case AdditionResult::added: std::cout << "added to "; break;
    case AdditionResult::present: std::cout << "already there: "; break;
    case AdditionResult::would_add: std::cout << "would be added to "; break;
    case AdditionResult::refused: std::cout << "not added to "; break;
    case AdditionResult::failed: std::cout << "could not be added to "; break;
    }
    std::cout << printable(path);
    if (addition.error)
        std::cout << ": " << printable(addition.error->message);
    else if (!addition.why.empty())
        std::cout << ": " << printable(addition.why);
    std::cout << '\n';
    if (const auto& key = addition.key)
        std::cout << "  " << printable(key->type) << ' ' << key->bits << ' ' << key->fingerprint
                  << (key->comment.empty() ? "" : " ") << printable(key->comment) << '\n';
    if (!addition.fix.empty())
        std::cout << "  " << printable(addition.fix) << '\n';
}

ExitCode tell(const Addition& addition, const Options& options) {
    if (options.output == Output::json)
        std::cout << to_json(addition) << '\n';
    else if (options.verbosity != Verbosity::quiet)
        print(addition);
    switch (addition.result) {
    case AdditionResult::refused: return ExitCode::wrong;
    case AdditionResult::failed:
        return addition.error &&
                       (addition.error->code == "EACCES" || addition.error->code == "EPERM")
                   ? ExitCode::permission_denied
                   : ExitCode::failed;
    default: return ExitCode::ok;
    }
}

ExitCode add_by_daemon(const LockHolder& holder, const Options& options, const WantedKey& wanted) {
    const AddKeyRequest request{*options.user, wanted.file, wanted.key.line};
    const auto answer = ask_holder(holder, socket_of(options), "/v1/keys", to_json(request));
    if (!answer)
        return ExitCode::failed;
    if (answer->status != 200)
        return complain_of_answer(*answer);
    const auto addition = parse_addition(answer->body);
    if (!addition)
        return complain("the daemon's answer is not what was asked for (is it of another version?)",
                        ExitCode::failed);
    return tell(*addition, options);
}

} // namespace

ExitCode add_key(const Options& options) {
    if (!options.user || options.file.empty() == !options.from_imds)
        return complain("add-key needs a USER and one of FILE, - and --from-imds (see sshpermctl "
                        "--help)",
                        ExitCode::usage);
    const auto config = load_config(options.config_file).config;
    if (geteuid() != 0 && !options.dry_run)
        return complain("add-key needs root (add-key --dry-run does not): sudo sshpermctl add-key",
                        ExitCode::permission_denied);
    const auto place = place_for(*options.user, config);
    const auto text = [&]() -> std::optional<std::string> {
        try {
            return read_wanted_key(options);
        } catch (const NoLaunchKey& problem) {
            complain(problem.what(), ExitCode::failed);
            return std::nullopt;
        }
    }();
    if (!text)
        return ExitCode::failed;
    const auto wanted = wanted_key(*text, place.home.account, config);
    if (const auto* const refusal = std::get_if<Addition>(&wanted))
        return tell(*refusal, options);
    const auto& key = std::get<WantedKey>(wanted);
    if (options.dry_run) {
        MemoryFile memory{StateUse::look};
        return tell(add_here(place, key, Hand::look, {nullptr, &memory.memory()}), options);
    }
    const auto lock = take_repair_lock();
    if (const auto* const holder = std::get_if<LockHolder>(&lock))
        return add_by_daemon(*holder, options, key);
    return tell(add_and_record(place, key), options);
}

} // namespace sshpermd
