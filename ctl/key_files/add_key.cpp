#include "key_files/add_key.hpp"

#include "complain.hpp"
#include "event/text.hpp"
#include "homes/place.hpp"
#include "key_files/instance_metadata.hpp"
#include "key_files/wanted_key.hpp"
#include "reconcile/request.hpp"
#include "repairs/lock_holder.hpp"
#include "repairs/recorder.hpp"
#include "repairs/relabelling.hpp"
#include "repairs/rescue.hpp"
#include "socket/client.hpp"
#include "store/memory_file.hpp"
#include "store/repair_lock.hpp"
#include "system/account_database.hpp"
#include "system/config_file.hpp"

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
    const Image* image = nullptr; ///< that the place is in, if not this machine
};

/// By the path under which it is found here.
Report as_here(Report report, const Image* image) {
    if (image != nullptr)
        report.path = image->path() + report.path;
    return report;
}

Addition as_here(Addition addition, const Image* image) {
    if (image != nullptr && !addition.path.empty())
        addition.path = image->path() + addition.path;
    return addition;
}

Addition add_here(const Place& place, const WantedKey& wanted, Hand hand, const Means& with) {
    Machine machine;
    machine.image = with.image;
    if (with.recorder != nullptr)
        machine.in_flight = with.recorder->in_flight();
    Round round{machine, place.config, *place.accounts,
                resolve_group(*place.accounts, place.config.home_root_group), hand};
    if (with.memory != nullptr)
        round.remember_in(*with.memory, hand == Hand::repair ? Learn::content : Learn::nothing);
    const auto record = [&](const Report& report) {
        if (with.recorder != nullptr)
            with.recorder->record(as_here(report, with.image), *place.accounts);
    };
    const auto before = round.root(place.home.root());
    record(before.report);
    const auto found = round.home(before, place.home);
    for (const auto& report : found.reports)
        record(report);
    if (auto obstacle = obstacle_to(wanted, place.home, before, found))
        return as_here(*std::move(obstacle), with.image);
    const auto root = round.root(place.home.root());
    record(root.report);
    auto added = round.add_key(root, place.home, wanted);
    added.addition = as_here(std::move(added.addition), with.image);
    added.made = as_here(std::move(added.made), with.image);
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

/// The wanted text, or nothing: that was said.
std::optional<std::string> read_or_complain(const Options& options) {
    try {
        return read_wanted_key(options);
    } catch (const NoLaunchKey& problem) {
        complain(problem.what(), ExitCode::failed);
        return std::nullopt;
    }
}

std::optional<ExitCode> complain_unless_root(const Options& options) {
    if (geteuid() == 0 || options.dry_run)
        return std::nullopt;
    return complain("add-key needs root (add-key --dry-run does not): sudo sshpermctl add-key",
                    ExitCode::permission_denied);
}

/// Of what was made for the key: a file that was there keeps its label.
RelabellingResult labels_after(const Addition& addition, const Image& image) {
    if (addition.result != AdditionResult::added)
        return {};
    const auto file = addition.path.substr(image.path().size());
    return see_to_labels(image, {file, file.substr(0, file.rfind('/'))}, RelabelHand::request);
}

ExitCode add_to_image(const Options& options) {
    const auto config = config_for_image(options);
    if (const auto problem = complain_unless_root(options))
        return *problem;
    Image image{Kernel::detect(), *options.root};
    const auto place = place_in(image, *options.user, config);
    const auto text = read_or_complain(options);
    if (!text)
        return ExitCode::failed;
    const auto wanted = wanted_key(*text, *place.home.account, config, Sysroot{image});
    if (const auto* const refusal = std::get_if<Addition>(&wanted))
        return tell(*refusal, options);
    const auto& key = std::get<WantedKey>(wanted);
    if (options.dry_run)
        return tell(add_here(place, key, Hand::look, {nullptr, nullptr, &image}), options);
    if (const auto problem = prepare_to_change(image))
        return *problem;
    Recorder recorder{SSHPERMD_VERSION, Recorder::Kept::in_journal_alone};
    const auto addition = add_here(place, key, Hand::repair, {&recorder, nullptr, &image});
    const auto code = tell(addition, options);
    const auto labelled = tell(labels_after(addition, image), options);
    return code == ExitCode::ok ? labelled : code;
}

} // namespace

ExitCode add_key(const Options& options) {
    if (!options.user || options.file.empty() == !options.from_imds)
        return complain("add-key needs a USER and one of FILE, - and --from-imds (see sshpermctl "
                        "--help)",
                        ExitCode::usage);
    if (options.root)
        return add_to_image(options);
    const auto config = load_config(options.config_file).config;
    if (const auto problem = complain_unless_root(options))
        return *problem;
    const auto place = place_for(*options.user, config);
    const auto text = read_or_complain(options);
    if (!text)
        return ExitCode::failed;
    const auto wanted = wanted_key(*text, *place.home.account, config, Sysroot{});
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
