#include "undo/undo_text.hpp"

#include "event/text.hpp"
#include "wrap.hpp"

#include <iostream>
#include <string>

namespace sshpermd {
namespace {

std::string subject_of(const Undo& undo) {
    if (!undo.path.empty())
        return printable(undo.path);
    return undo.user.empty() ? "the repair" : printable(undo.user);
}

void print(const Undo& undo) {
    const auto subject = subject_of(undo);
    switch (undo.result) {
    case UndoResult::undone:
    case UndoResult::would_undo:
        std::cout << subject << ": was " << printable(spell(*undo.before)) << ", is "
                  << printable(spell(*undo.after)) << " again\n";
        break;
    case UndoResult::refused: std::cout << subject << ": not undone"; break;
    case UndoResult::failed: std::cout << subject << ": could not be undone"; break;
    }
    if (undo.error)
        std::cout << ": " << printable(undo.error->message) << '\n';
    else if (!undo.why.empty())
        std::cout << ": " << printable(undo.why) << '\n';
    if (!undo.dropped.empty() && undo.result == UndoResult::undone)
        std::cout << wrapped("set-id and sticky bits are not given back: " + undo.dropped, 2);
    if (!undo.configured_in.empty())
        std::cout << wrapped("so that it stays so, " + undo.configured_in +
                                 " says of it: " + printable(undo.configured),
                             2);
    if (!undo.fix.empty())
        std::cout << "  " << printable(undo.fix) << '\n';
}

bool was_denied(const Undo& undo) {
    return undo.error && (undo.error->code == "EACCES" || undo.error->code == "EPERM");
}

} // namespace

ExitCode tell(const Undo& undo, const Options& options) {
    if (options.output == Output::json)
        std::cout << to_json(undo) << '\n';
    else if (options.verbosity != Verbosity::quiet)
        print(undo);
    switch (undo.result) {
    case UndoResult::refused: return ExitCode::wrong;
    case UndoResult::failed:
        return was_denied(undo) ? ExitCode::permission_denied : ExitCode::failed;
    default: return ExitCode::ok;
    }
}

void print_repairs(const std::vector<PastRepair>& repairs, const Options& options) {
    if (options.output == Output::json) {
        std::cout << to_json(repairs) << '\n';
        return;
    }
    if (options.verbosity == Verbosity::quiet)
        return;
    if (repairs.empty())
        std::cout << "there is no repair that could be undone\n";
    for (const auto& repair : repairs)
        std::cout << repair.id << "  " << repair.time.substr(0, repair.time.find('.')) << "Z\n  "
                  << printable(repair.path) << '\n'
                  << wrapped(printable("was " + spell(repair.before) + ", is " +
                                       spell(repair.after) +
                                       (repair.exposed ? "; others could write it" : "")),
                             2);
}

bool is_confirmed(const PastRepair& repair) {
    std::cerr << wrapped(printable(repair.path) + " was " + printable(spell(repair.before)) +
                             ": others could write what sshd would trust. sshd refuses it as it "
                             "was, and the daemon would leave it alone.",
                         0)
              << "Give it back so? [y/N] " << std::flush;
    std::string answer;
    return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

} // namespace sshpermd
