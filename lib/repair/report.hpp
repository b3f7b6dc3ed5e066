// Report: what a round found at one target, and what it did about it.
#pragma once

#include "finding/finding.hpp"
#include "policy/target.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

enum class Action {
    none,         ///< nothing to do, or nothing allowed
    would_repair, ///< a drift that this run was told not to touch
    deferred,     ///< a drift that will be repaired in a moment
    repaired,
    withheld, ///< closed, because nobody vouches for what is in it
    failed,
};

std::string_view word(Action action);

/// What the machine denied us: an errno and what was being done.
struct Failure {
    int number = 0;
    std::string doing; ///< "set the mode", as in "cannot set the mode: Read-only file system"

    friend bool operator==(const Failure&, const Failure&) = default;
};

/// The name of an errno ("EROFS"), or "unknown".
std::string error_name(int number);

/// What an errno means, as strerror(3) says it without a locale.
std::string error_text(int number);

/// What is in key files that others could have written.
struct ContentFacts {
    std::string sha256;                    ///< "SHA256:…" of the file's bytes; empty of several
    std::vector<std::string> fingerprints; ///< of its keys, or of those that nobody vouches for
    std::size_t more = 0;                  ///< fingerprints left out
    static constexpr std::size_t most = 16;

    friend bool operator==(const ContentFacts&, const ContentFacts&) = default;
};

struct Report {
    Target target = Target::home_root;
    std::string path;                 ///< for people and logs; never opened
    const Account* account = nullptr; ///< null for a home root; as long-lived as the round's homes
    Expected expected;
    Finding finding;
    std::optional<Observed> observed; ///< nothing when there was nothing to look at
    std::optional<bool> blocks_login; ///< before any repair; nothing = cannot tell
    bool exposed = false;             ///< before any repair
    Action action = Action::none;
    bool tried = false;            ///< a change was begun, whatever became of it
    std::optional<Observed> after; ///< looked at again after a repair
    std::optional<Failure> failure;
    std::chrono::microseconds duration{0}; ///< of the repair
    /// From the target's ctime to the repair, by the clock that ctime is taken from: it ticks every
    /// few milliseconds, so what was wrong for less reads 0.
    std::optional<std::chrono::microseconds> wrong_for;
    std::optional<ContentFacts> content; ///< of an exposed chain
    bool replaced = false;               ///< by a new file with the same bytes
    bool managed = false;                ///< root's, and it lets its account log in: meant so
    bool unguarded = false; ///< the configuration leaves it alone, and others may write it
    /// Which object it is after a change, for good: the bytes that name_to_handle_at(2) gives.
    /// Empty where the file system cannot say.
    std::string handle;
    std::optional<std::uint32_t> slot; ///< in flight; to be freed when this is on record
};

/// Is this target as it should be now, or nothing that anybody needs to hear of?
bool is_settled(const Report& report);

} // namespace sshpermd
