// What passes between the status socket's thread and the loop: values only.
#pragma once

#include "event/addition.hpp"
#include "event/check.hpp"
#include "event/status.hpp"
#include "event/tally.hpp"
#include "event/undo.hpp"
#include "event/users.hpp"
#include "reconcile/request.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace sshpermd {

/// Does the loop turn?
struct HealthRequest {};

/// How does everything stand?
struct SnapshotRequest {};

/// How does one account stand?
struct UserRequest {
    std::string name;
};

struct AskedPause {
    PauseRequest pause;
    Asker asker;
};

struct AskedKey {
    AddKeyRequest key;
    Asker asker;
};

struct AskedUndo {
    UndoRequest undo;
    Asker asker;
};

struct ResumeRequest {
    Asker asker;
};

/// Read the configuration again.
struct ReloadRequest {};

/// Somebody was turned away; nobody waits for an answer.
struct Denial {
    Asker asker;
    std::string what;             ///< "POST /v1/repair"
    std::uint64_t suppressed = 0; ///< others before it that nobody was told of
};

using Request = std::variant<HealthRequest, SnapshotRequest, UserRequest, RepairRequest,
                             CheckRequest, ForgetRequest, AskedKey, AskedUndo, AskedPause,
                             ResumeRequest, ReloadRequest, Denial>;

struct Health {
    bool ok = false;    ///< nothing grave is the matter
    bool ready = false; ///< the first look is done
    std::string mode;   ///< "repair" or "observe"
    std::string status; ///< one line for a person
};

/// Everything at one moment. It is never changed once it is made.
struct Snapshot {
    Status status;
    Tally tally;
    UserList users;
    std::shared_ptr<const std::string> config; ///< what is in force, as JSON
};

/// What was asked for is done, and there is nothing more to say.
struct Done {};

/// Why a request was not carried out, and what to do about it: RFC 9457.
struct Problem {
    unsigned status = 500; ///< of HTTP
    std::string detail;
};

/// How far a repair has come.
struct Step {
    std::size_t looked_at = 0; ///< accounts
    std::size_t of = 0;
    std::size_t repaired = 0; ///< targets
};

/// What a check or a repair has found since it last said so: its Check has the rest, and the
/// summary of all.
struct MoreFindings {
    std::vector<CheckFinding> findings;
};

using Answer = std::variant<Check, MoreFindings, Step, Addition, Undo, Health,
                            std::shared_ptr<const Snapshot>, UserDetails, Pause, Done, Problem>;

/// Called from any thread, once, and before that with the steps of a repair and with what is found;
/// nothing happens when nobody waits for it any more.
using Reply = std::function<void(Answer)>;

/// Takes a request and returns at once.
using Ask = std::function<void(Request, Reply)>;

/// Has something changed since the last snapshot was made? The loop sets it before it changes
/// anything, and clears it before it makes another.
using News = std::shared_ptr<std::atomic<bool>>;

} // namespace sshpermd
