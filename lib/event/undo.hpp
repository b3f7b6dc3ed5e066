// Undo: a repair as the record has it, and what became of taking it back, as values that are
// printed and sent over the socket.
#pragma once

#include "event/event.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// A permission.repaired as its line in the record has it.
struct PastRepair {
    std::string id;
    std::string time;
    std::optional<UserRef> user; ///< nothing: of a home root
    Target target = Target::home_root;
    std::string path;
    std::string handle;  ///< which object it was, as hexadecimal digits; empty: not on record
    std::string machine; ///< `host.id`; empty: not on record
    Attributes before;
    Attributes after;
    bool exposed = false;
    bool truncated = false;
};

/// Nothing for the line of any other event.
std::optional<PastRepair> parse_past_repair(std::string_view line);

/// The repair that a repair.undone took back; nothing for the line of any other event.
std::optional<std::string> undone_by(std::string_view line);

/// The document sshpermd.repairs/1.
std::string to_json(const std::vector<PastRepair>& repairs);

enum class UndoResult {
    undone,
    would_undo, ///< and was told to look only
    refused,    ///< `reason` says why
    failed,     ///< the machine denied it: `error` says what
};
std::string_view word(UndoResult result);

struct Undo {
    std::string event; ///< the id of the repair's; empty where none was found
    std::string user;  ///< empty: of a home root
    std::optional<Target> target;
    std::string path;
    std::optional<Attributes> before; ///< what the repair made of it
    std::optional<Attributes> after;  ///< what it is again, or would be
    std::string dropped;              ///< bits of the recorded mode that are not given back: "4000"
    UndoResult result = UndoResult::refused;
    std::string reason;          ///< of `refused`: one word
    std::string why;             ///< for a person: half a sentence
    std::string fix;             ///< the command that helps; empty when there is none
    std::string configured_in{}; ///< the file with which the daemon accepts it; empty: none
    std::string configured{};    ///< what it says of the account, JSON
    std::optional<EventError> error{};
};

/// The document sshpermd.undo/1.
std::string to_json(const Undo& undo);

/// Nothing when the text is no such document.
std::optional<Undo> parse_undo(std::string_view text);

/// repair.undone; `made` is the target as it was found and as it is now.
Event event_of(const Undo& undo, const Report& made, Trigger trigger);

} // namespace sshpermd
