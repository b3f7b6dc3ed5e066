// Addition: what became of a key that somebody wanted in a key file, as a value that is printed and
// sent over the socket.
#pragma once

#include "event/event.hpp"
#include "keys/new_key.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

enum class AdditionResult {
    added,
    present,   ///< it is there already
    would_add, ///< and was told not to
    refused,   ///< `reason` says why
    failed,    ///< the machine denied it: `error` says what
};
std::string_view word(AdditionResult result);

struct Addition {
    std::string user;
    std::string path; ///< of the key file; empty where none was chosen
    std::optional<KeyRef> key;
    AdditionResult result = AdditionResult::refused;
    std::string reason; ///< of `refused`: one word
    std::string why;    ///< for a person: half a sentence; empty when there is nothing to explain
    std::string fix;    ///< the command that helps; empty when there is none
    std::vector<std::string> created; ///< targets that were not there before
    std::optional<EventError> error;
};

KeyRef key_ref(const NewKey& key);

/// The document sshpermd.addition/1.
std::string to_json(const Addition& addition);

/// Nothing when the text is no such document.
std::optional<Addition> parse_addition(std::string_view text);

/// key.added, of the account's file as it is now; `made` is the target that was changed for it.
Event event_of(const Addition& addition, const Report& made, Trigger trigger);

} // namespace sshpermd
