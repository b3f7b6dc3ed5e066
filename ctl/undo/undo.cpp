#include "undo/undo.hpp"

#include "complain.hpp"
#include "homes/survey.hpp"
#include "repairs/lock_holder.hpp"
#include "socket/asking.hpp"
#include "store/repair_lock.hpp"
#include "system/config_file.hpp"
#include "undo/kept_state.hpp"
#include "undo/undo_here.hpp"
#include "undo/undo_text.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sshpermd {
namespace {

/// Who interrupts it would leave the configuration without the state, or the other way round.
class Uninterrupted {
  public:
    Uninterrupted() {
        sigset_t stopping;
        sigemptyset(&stopping);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP})
            sigaddset(&stopping, signal);
        pthread_sigmask(SIG_BLOCK, &stopping, &before_);
    }
    Uninterrupted(const Uninterrupted&) = delete;
    Uninterrupted& operator=(const Uninterrupted&) = delete;
    ~Uninterrupted() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

/// The daemon's own; nothing when there is none that answers, or it says no: that was said.
std::optional<Undo> by_daemon(const LockHolder& holder, const Options& options,
                              const PastRepair& repair, std::optional<KeptStateFile>& file) {
    const auto socket = socket_of(options);
    const auto done = [&](const std::string& path, const std::string& body) {
        auto answer = ask_holder(holder, socket, path, body);
        if (answer && answer->status != 200) {
            complain_of_answer(*answer);
            answer.reset();
        }
        return answer;
    };
    if (file && !done("/v1/reload", {}))
        return std::nullopt;
    const auto answer = done("/v1/undo", to_json(request_of(repair)));
    auto undo = answer ? parse_undo(answer->body) : std::nullopt;
    if (answer && !undo)
        complain_of_other_version();
    if (file && (!undo || undo->result != UndoResult::undone)) {
        file->take_back();
        done("/v1/reload", {});
    }
    return undo;
}

Undo in_process(const PastRepair& repair) {
    const auto config = load_config(std::nullopt).config;
    Recorder recorder{SSHPERMD_VERSION};
    recorder.tell_of_leftovers(config);
    return UndoHere{config, Hand::repair, &recorder}.run(repair);
}

/// A daemon that only observes holds no lock, and reads its configuration, too.
void tell_observer(const Options& options) {
    constexpr std::chrono::seconds patience{5};
    try {
        ask(socket_of(options), {"POST", "/v1/reload", {}}, patience);
    } catch (const NobodyAnswers&) { // NOLINT(bugprone-empty-catch): there is none
    }
}

ExitCode carry_out(const PastRepair& repair, const Config& config, const Accounts& accounts,
                   const Options& options) {
    const Uninterrupted uninterrupted;
    const auto* const account = repair.user ? accounts.by_name(repair.user->name) : nullptr;
    const auto wanted = state_before(repair);
    const auto group = accounts.group_name(wanted.group);
    const auto kept = kept_state(config, account, repair.target, wanted,
                                 group ? std::optional<std::string>{*group} : std::nullopt);
    if (!kept)
        return tell(refusal(repair, "unsafe_root", "no configuration can have a home root so"),
                    options);
    const auto lock = take_repair_lock();
    std::optional<KeptStateFile> file{std::in_place, *kept};
    const auto* const holder = std::get_if<LockHolder>(&lock);
    if (holder == nullptr)
        tell_observer(options); // first, or it tells of a drift
    auto undo = holder != nullptr ? by_daemon(*holder, options, repair, file)
                                  : std::optional{in_process(repair)};
    if (!undo)
        return ExitCode::failed;
    if (undo->result == UndoResult::undone) {
        file->stay();
        undo->configured_in = std::string{kept_states_dir} + "/" + kept->file;
        undo->configured = kept->said;
    }
    file.reset();
    if (holder == nullptr && undo->result != UndoResult::undone)
        tell_observer(options);
    return tell(*undo, options);
}

std::vector<PastRepair> undoable(const PastRepairs& past, UndoHere& here, std::size_t most) {
    std::vector<PastRepair> found;
    past.each_newest_first([&](PastRepair repair) {
        if (!objection(repair, past, here.accounts()) &&
            here.run(repair).result == UndoResult::would_undo)
            found.push_back(std::move(repair));
        return found.size() < most;
    });
    return found;
}

/// What the words of the command line mean; or why there is nothing to undo.
std::variant<PastRepair, Undo> chosen(const Options& options, const PastRepairs& past,
                                      UndoHere& here) {
    Undo none;
    if (!options.undo) {
        auto last = undoable(past, here, 1);
        if (!last.empty())
            return std::move(last.front());
        none.reason = "nothing_to_undo";
        none.why = "there is no repair that could be undone";
        return none;
    }
    if (!is_event_id(*options.undo)) {
        if (here.home_of(*options.undo) == nullptr)
            throw UnknownUser(here.why_no_home(*options.undo));
        std::optional<PastRepair> last;
        past.each_newest_first([&](PastRepair repair) {
            if (repair.user && repair.user->name == *options.undo)
                last = std::move(repair);
            return !last;
        });
        if (last)
            return *std::move(last);
        none.user = *options.undo;
        none.reason = "nothing_to_undo";
        none.why = "there is no repair of this account on record";
        return none;
    }
    const auto line = past.line_of(*options.undo);
    if (auto repair = line ? parse_past_repair(*line) : std::nullopt)
        return *std::move(repair);
    none.event = *options.undo;
    none.reason = line ? word(RefusalReason::content_unknown) : "not_on_record";
    none.why = line ? "this closed what nobody vouches for; it is opened only by your word for "
                      "what is in it"
                    : "the record has no repair with this id (any more)";
    if (const auto hash = line ? withheld_hash(*line) : std::string{}; !hash.empty())
        none.fix = "sshpermctl repair --trust-content=" + hash + " USER";
    else
        none.fix = "sshpermctl undo";
    return none;
}

} // namespace

ExitCode undo(const Options& options) {
    if (options.config_file)
        return complain("undo writes into " + std::string{kept_states_dir} +
                            ", which --config leaves out: give one or the other",
                        ExitCode::usage);
    if (options.undo && options.last && is_event_id(*options.undo))
        return complain("undo takes an id or --last, not both", ExitCode::usage);
    if (geteuid() != 0)
        return complain("undo needs root, also to list: sudo sshpermctl undo",
                        ExitCode::permission_denied);
    const auto config = load_config(std::nullopt).config;
    const PastRepairs past;
    UndoHere here{config, Hand::look, nullptr};
    constexpr std::size_t most_listed = 20;
    if (!options.undo && !options.last) {
        print_repairs(undoable(past, here, most_listed), options);
        return ExitCode::ok;
    }
    const auto choice = chosen(options, past, here);
    if (const auto* const none = std::get_if<Undo>(&choice))
        return tell(*none, options);
    const auto& repair = std::get<PastRepair>(choice);
    if (const auto refused = objection(repair, past, here.accounts()))
        return tell(*refused, options);
    if (const auto seen = here.run(repair); seen.result != UndoResult::would_undo)
        return tell(seen, options);
    if (was_exposed(repair) && !options.yes) {
        const bool may_ask = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
        if (!may_ask || !is_confirmed(repair))
            return tell(
                refusal(repair, "not_confirmed",
                        "others could write it then" +
                            std::string{may_ask ? "" : ", and there is no terminal to ask at"},
                        "sshpermctl undo --yes " + repair.id),
                options);
    }
    return carry_out(repair, config, here.accounts(), options);
}

} // namespace sshpermd
