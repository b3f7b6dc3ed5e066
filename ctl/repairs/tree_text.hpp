// What a walk over a home came to: for a person, and as one JSON document.
#pragma once

#include "event/check.hpp"
#include "policy/account.hpp"
#include "reconcile/tree_repair.hpp"

#include <iosfwd>
#include <optional>
#include <string>

namespace sshpermd {

struct TreeResult {
    TreeOwner whose;
    bool is_dry_run = false;
    bool is_stopped = false; ///< before its end
    std::string refused;     ///< a word: nothing below the home was looked at; or empty
    std::string why;         ///< of `refused`, a sentence
    TreeTally tally;
    double seconds = 0;
    Check chain; ///< of the ordinary repair before
};

/// "done", "would_change", "stopped" or "refused".
std::string_view word(const TreeResult& result);

void print_tree(std::ostream& out, const TreeResult& result, const Accounts& accounts);

/// Without a newline at its end.
std::string to_json(const TreeResult& result, const Accounts& accounts);

} // namespace sshpermd
