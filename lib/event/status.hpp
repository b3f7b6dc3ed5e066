// Status: everything that there is to say of a running daemon at one moment.
#pragma once

#include "event/event.hpp"
#include "event/user_state.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// A trouble that lasts.
struct Degradation {
    Trouble trouble = Trouble::no_group;
    std::string path; ///< of what it is about, where there can be several
    Severity severity = Severity::warning;
    std::string message; ///< one sentence: what, and what to do
    std::chrono::system_clock::time_point since;

    /// Less is protected, or less is sure, because of it; else it is only good to know.
    bool is_grave() const { return severity <= Severity::warning; }
};

struct MadeRepair {
    std::chrono::system_clock::time_point time;
    std::optional<std::string> user; ///< none for a home root
    Target target = Target::home;
    std::string path;
    Attributes before;
    Attributes after;
};

/// A repair that was undone so often that it was told.
struct MadeFight {
    MadeRepair repair;       ///< with which it was told
    std::uint64_t count = 0; ///< of such repairs in a day, when it was told
    std::string kept_by;     ///< the override that would keep `before`, JSON; empty for none
    std::string message;     ///< one sentence: what, and what to do
};

struct WatchCounts {
    std::size_t used = 0;
    std::size_t limit = 0;   ///< the kernel's
    std::size_t allowed = 0; ///< of them, what this daemon takes
    std::size_t need = 0;    ///< to watch everybody
    std::uint64_t rebuilt = 0;
};

/// Of the last look at everybody.
struct FullLookTimes {
    std::chrono::system_clock::time_point done;
    std::chrono::microseconds took{0};
};

/// Repairs that an operator has put off.
struct Pause {
    std::chrono::system_clock::time_point until;
    std::string reason;
};

struct Status {
    std::chrono::system_clock::time_point as_of;
    std::string version;
    std::string mode;
    std::chrono::system_clock::time_point since; ///< it runs
    bool ready = false;
    std::vector<Degradation> degraded; ///< the oldest first
    std::size_t accounts = 0;          ///< looked after, or to be
    UserCounts users{}; ///< of them, as far as they were looked at; and the ignored ones
    std::uint64_t repairs = 0;
    std::size_t left = 0; ///< targets that are wrong and left as they are
    std::uint64_t missed_by_events = 0;
    std::uint64_t events_dropped = 0;
    WatchCounts watches;
    std::optional<Pause> pause;
    std::optional<FullLookTimes> last_look;
    std::vector<MadeRepair> last_repairs; ///< the latest first
    std::optional<MadeFight> last_fight;
    std::vector<std::string> config_files;
    bool config_is_fallback = false;
};

/// Nothing grave.
bool is_ok(const std::vector<Degradation>& degraded);

/// One document (schema sshpermd.status/1), ASCII, without a newline at its end.
std::string to_json(const Status& status);

} // namespace sshpermd
