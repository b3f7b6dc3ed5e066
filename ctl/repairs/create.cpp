#include "repairs/create.hpp"

#include "complain.hpp"
#include "event/text.hpp"
#include "event/tree_event.hpp"
#include "homes/place.hpp"
#include "policy/json_text.hpp"
#include "reconcile/tree_leftover.hpp"
#include "repairs/recorder.hpp"
#include "store/repair_lock.hpp"
#include "store/tree_notes.hpp"
#include "system/config_file.hpp"
#include "system/home_root.hpp"
#include "system/new_home.hpp"

#include <unistd.h>

#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sshpermd {
namespace {

struct Creation {
    std::string user;
    std::string home;
    std::vector<Target> made; ///< with --dry-run: would be
    std::string refused;      ///< a word, or empty
    std::string why;          ///< of `refused`, a sentence
    std::optional<Failure> failure;
};

/// What has been found on the way.
struct Found {
    std::optional<Handle> root;
    std::optional<Handle> home; ///< nothing: missing
    bool has_ssh_dir = false;
};

/// What it takes to make something; null for a dry run.
struct Means {
    Recorder& recorder;
    TreeNotes& notes;
};

TreeOwner owner_of(const Place& place) {
    const auto& account = *place.home.account;
    return {account.name, place.home.path(), account.uid, account.gid};
}

class Creator {
  public:
    Creator(Machine& machine, const Place& place, const Means* means)
        : machine_(machine), place_(place), account_(*place.home.account), means_(means) {
        creation_.user = account_.name;
        creation_.home = place.home.path();
    }

    Creation run() {
        look();
        if (!creation_.refused.empty())
            return std::move(creation_);
        if (!found_.home)
            make(Target::home, [&](const AboutToBeThere& about_to) {
                return make_home(machine_, *found_.root, place_.home.name(), expected(Target::home),
                                 about_to);
            });
        if (!found_.home && means_ != nullptr && !creation_.failure)
            look();
        if (!found_.has_ssh_dir && !creation_.failure)
            make(Target::ssh_dir, [&](const AboutToBeThere& about_to) {
                return make_empty_ssh_dir(machine_.kernel, *found_.root, *found_.home,
                                          expected(Target::ssh_dir), about_to);
            });
        return std::move(creation_);
    }

  private:
    template <typename Make>
    void make(Target target, Make how) {
        if (means_ != nullptr)
            creation_.failure = how([&](const Observed& made) {
                means_->notes.make({target, made.inode, expected(target)});
            });
        if (!creation_.failure) {
            creation_.made.push_back(target);
            if (means_ != nullptr)
                means_->recorder.record(
                    event_of_made(owner_of(place_), target, expected(target), *place_.accounts));
        }
        if (means_ != nullptr)
            means_->notes.made();
    }

    void refuse(std::string_view reason, std::string sentence) {
        creation_.refused = reason;
        creation_.why = std::move(sentence);
    }
    void refuse(RefusalReason reason) { refuse(word(reason), std::string{why(reason)}); }

    void look() {
        if (place_.home.shared)
            return refuse(RefusalReason::ambiguous_account);
        auto root = open_home_root(machine_, place_.home.root());
        auto* const dir = std::get_if<Handle>(&root);
        if (dir == nullptr && std::holds_alternative<Missing>(root))
            return refuse("missing", "there is no " + place_.home.root() + " to make it in");
        if (dir == nullptr || !is_safe_above(dir->observe()))
            return refuse(RefusalReason::unsafe_root);
        found_.root = std::move(*dir);
        auto home = open_home(machine_, *found_.root, place_.home.name());
        if (const auto* const refusal = std::get_if<Refusal>(&home))
            return refuse(refusal->reason);
        if (std::holds_alternative<Missing>(home))
            return;
        found_.home = std::move(std::get<Handle>(home));
        const auto seen = found_.home->observe();
        if (seen.type != FileType::dir)
            return refuse(RefusalReason::wrong_type);
        if (seen.owner != account_.uid)
            return refuse(word(RefusalReason::foreign_owner),
                          "the home is not the account's: repair it first");
        found_.has_ssh_dir =
            !std::holds_alternative<Missing>(open_child(machine_.kernel, *found_.home, ".ssh"));
    }

    Expected expected(Target target) const {
        return {place_.home.policy->rule(target).mode, account_.uid, account_.gid};
    }

    Machine& machine_;
    const Place& place_;
    const Account& account_;
    const Means* means_;
    Found found_;
    Creation creation_;
};

std::string_view word(const Creation& creation, const Options& options) {
    if (!creation.refused.empty())
        return "refused";
    if (creation.failure)
        return "failed";
    if (creation.made.empty())
        return "present";
    return options.dry_run ? "would_create" : "created";
}

std::string path_of(const Creation& creation, Target target) {
    return creation.home + (target == Target::home ? "" : "/.ssh");
}

std::string error_of(const Creation& creation) {
    return "cannot " + creation.failure->doing + ": " + error_text(creation.failure->number);
}

void print_json(const Creation& creation, const Options& options) {
    auto made = Json::array();
    for (const auto target : creation.made)
        made.push_back({{"target", word(target)}, {"path", path_of(creation, target)}});
    Json json{{"schema", "sshpermd.create/1"},
              {"user", creation.user},
              {"home", creation.home},
              {"result", word(creation, options)},
              {"created", std::move(made)},
              {"reason", text_or_null(creation.refused)},
              {"why", text_or_null(creation.why)},
              {"error", nullptr}};
    if (creation.failure)
        json["error"] = {{"code", error_name(creation.failure->number)},
                         {"message", error_of(creation)}};
    std::cout << one_line(json) << '\n';
}

void print_text(const Creation& creation, const Options& options) {
    for (const auto target : creation.made)
        std::cout << (options.dry_run ? "would be made: " : "made: ")
                  << printable(path_of(creation, target)) << '\n';
    if (!creation.refused.empty())
        std::cout << printable(creation.home) << ": nothing is made: " << printable(creation.why)
                  << '\n';
    else if (creation.failure)
        std::cout << printable(creation.home) << ": " << printable(error_of(creation)) << '\n';
    else if (creation.made.empty())
        std::cout << "nothing is missing: " << printable(creation.home) << '\n';
}

} // namespace

ExitCode create(const Options& options) {
    const auto config = load_config(options.config_file).config;
    if (geteuid() != 0)
        return complain("repair --create needs root: sudo sshpermctl repair",
                        ExitCode::permission_denied);
    const auto place = place_for(options.users.front(), config);
    Machine machine;
    Creation creation;
    if (options.dry_run) {
        creation = Creator{machine, place, nullptr}.run();
    } else {
        // Whoever repairs changes nothing that is not there: the daemon's lock is in nobody's way.
        const auto lock = take_repair_lock();
        Recorder recorder{SSHPERMD_VERSION};
        settle_leftover_walk(machine, *place.accounts,
                             [&](const Event& event) { recorder.record(event); });
        TreeNotes notes; // one at a time
        notes.begin(owner_of(place));
        const Means means{recorder, notes};
        creation = Creator{machine, place, &means}.run();
        notes.forget();
    }
    if (options.output == Output::json)
        print_json(creation, options);
    else if (options.verbosity != Verbosity::quiet)
        print_text(creation, options);
    if (creation.failure)
        return ExitCode::failed;
    return creation.refused.empty() && !(options.dry_run && !creation.made.empty())
               ? ExitCode::ok
               : ExitCode::wrong;
}

} // namespace sshpermd
