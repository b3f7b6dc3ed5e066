// Events: everything sshpermd has to say, as values; docs/events.md is the contract.
#pragma once

#include "finding/finding.hpp"
#include "keys/key_watch.hpp"
#include "policy/account.hpp"
#include "policy/target.hpp"
#include "repair/interrupted.hpp"
#include "repair/report.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

enum class EventType {
    daemon_started,
    daemon_stopping,
    daemon_paused,
    daemon_resumed,
    daemon_degraded,
    daemon_recovered,
    config_reloaded,
    config_rejected,
    accounts_unavailable,
    user_added,
    user_removed,
    drift_detected,
    permission_repaired,
    repair_refused,
    repair_withheld,
    repair_failed,
    repair_interrupted,
    tree_repaired,
    home_created,
    repair_undone,
    flapping_started,
    flapping_ended,
    fight_noticed,
    storm_summarised,
    key_added,
    keys_changed,
    keys_unusable,
    sshd_repaired,
    watch_lost,
    watch_overflow,
    watch_limit,
    watch_dead,
    watch_noisy,
    watch_resumed,
    scan_completed,
    log_dropped,
    request_denied,
};
inline constexpr std::size_t event_types = 37;

enum class Severity { crit, err, warning, notice, info, debug };

enum class Outcome { repaired, refused, withheld, failed, reported, none };

/// What made the daemon look.
enum class Trigger : std::uint8_t {
    startup,
    inotify,
    rescan,
    overflow,
    mount,
    accounts,
    retry,
    reload,
    command
};

/// What keeps the daemon from doing all of its job, for as long as it lasts.
enum class Trouble {
    config_fallback,      ///< the last accepted one, or the built-in policy, observing, is in force
    config_rejected,      ///< what is in the files is not what is in force
    accounts_unavailable, ///< those known so far are looked after
    no_proc,
    home_root_missing,
    no_inotify,
    watch_limit,
    watch_lost,
    watch_dead,
    watch_untested, ///< the canary cannot be set up
    record_failing,
    events_dropped,
    memory_failing,
    changes_unnoted,
    no_socket,
    no_group,
    paused, ///< repairs, by an operator, for a while
};
inline constexpr std::size_t all_troubles = 17;

std::string_view word(EventType type);
std::string_view word(Severity severity);
std::string_view word(Outcome outcome);
std::string_view word(Trigger trigger);
std::string_view word(Trouble trouble);

/// syslog(3)'s number for a severity: 2 (crit) to 7 (debug).
int priority(Severity severity);

/// The fixed MESSAGE_ID of an event type, 32 hexadecimal digits.
std::string_view message_id(EventType type);

struct UserRef {
    std::string name;
    std::optional<uid_t> id;
};

struct Id {
    std::uint32_t id = 0;
    std::optional<std::string> name;
};

struct Attributes {
    Mode mode;
    Id owner;
    Id group;
};

struct FileRef {
    std::string path; ///< bytes, as the file system has them
    std::optional<FileType> type;
    std::optional<std::uint64_t> inode;
    std::optional<std::uint32_t> links;
    std::string handle{}; ///< of name_to_handle_at(2), as bytes; empty: not told
};

struct EventError {
    std::string code; ///< errno name or a word of ours
    std::string message;
};

/// A public key, as far as an event tells of it.
struct KeyRef {
    std::string fingerprint; ///< "SHA256:…"
    std::string type;        ///< "ssh-ed25519"
    unsigned bits = 0;
    std::string options;
    std::string comment;
};

/// What was handed over below a home: whose it is now, and which inodes were whose before.
struct TreeFacts {
    struct From {
        uid_t owner = 0;
        gid_t group = 0;
        std::string inodes; ///< "12-40,44"
    };

    Id owner;
    Id group;
    std::uint64_t count = 0;
    std::vector<From> from;
};

/// Who asked at the socket.
struct Asker {
    uid_t uid = 0;
    gid_t gid = 0;
    pid_t pid = 0;
};

struct Event {
    EventType type = EventType::daemon_started;
    Severity severity = Severity::info;
    Outcome outcome = Outcome::none;
    std::string message; ///< one sentence for a person
    std::optional<Trigger> trigger;
    std::optional<Trouble> trouble; ///< that begins, or of daemon.recovered: that is over
    std::optional<Asker> request;
    std::optional<UserRef> user;
    std::optional<Target> target;
    std::optional<FileRef> file;
    std::optional<Attributes> before;
    std::optional<Attributes> expected;
    std::optional<Attributes> after;
    std::vector<std::string_view> reasons; ///< words of DriftReason or RefusalReason
    std::optional<bool> blocks_login;
    std::optional<bool> exposed;
    std::optional<ContentFacts> content;
    std::optional<KeyRef> key;     ///< of key.added
    std::optional<KeyNews> keys;   ///< of keys.changed and keys.unusable
    std::optional<TreeFacts> tree; ///< of tree.repaired
    bool replaced = false;
    std::optional<EventError> error;
    std::optional<std::chrono::microseconds> duration;
    std::optional<std::chrono::microseconds> wrong_for; ///< as Report has it
    std::optional<std::uint64_t> suppressed;
    std::optional<std::uint64_t> count; ///< repairs of the same change in a day
    std::string undone;                 ///< of repair.undone: the id of the repair's event
    std::string kept_by;                ///< the override that would keep `before`, JSON; or empty
    std::optional<std::uint64_t> missed_by_events;
    std::optional<std::chrono::system_clock::time_point> lost_since;
    std::optional<std::uint32_t> slot; ///< in flight until this is on record; not in the line
};

/// With the names that the ids have now.
Attributes attributes_of(const Expected& state, const Accounts& accounts);
Attributes attributes_of(const Observed& seen, const Accounts& accounts);

/// "0777 alice:users", as ls would show it.
std::string spell(const Attributes& attributes);

/// For what was withheld: what an operator types to let it in again, or what there is to look at.
std::string release_advice(const Report& report);

/// What happened at one target, in words and fields. Nothing for a report that nobody needs to hear
/// of: a compliant or missing target, or a repair that was put off.
std::optional<Event> event_of(const Report& report, Trigger trigger, const Accounts& accounts);

/// What a repairer that was killed left unrecorded. It may be on record twice: as a repair, too.
Event event_of(const InterruptedChange& change, Trigger trigger, const Accounts& accounts);

} // namespace sshpermd
