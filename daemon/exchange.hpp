// What passes between the status socket's thread and the loop: values only.
#pragma once

#include "event/check.hpp"
#include "event/status.hpp"
#include "reconcile/request.hpp"

#include <functional>
#include <string>
#include <variant>

namespace sshpermd {

/// Does the loop turn?
struct HealthRequest {};

/// How does everything stand?
struct StatusRequest {};

using Request = std::variant<HealthRequest, StatusRequest, RepairRequest, ForgetRequest>;

struct Health {
    bool ok = false;    ///< nothing grave is the matter
    bool ready = false; ///< the first look is done
    std::string mode;   ///< "repair" or "observe"
    std::string status; ///< one line for a person
};

struct Forgotten {};

/// Why a request was not carried out, and what to do about it: RFC 9457.
struct Problem {
    unsigned status = 500; ///< of HTTP
    std::string detail;
};

using Answer = std::variant<Check, Health, Status, Forgotten, Problem>;

/// Called once, from any thread; nothing happens when nobody waits for it any more.
using Reply = std::function<void(Answer)>;

/// Takes a request and returns at once.
using Ask = std::function<void(Request, Reply)>;

} // namespace sshpermd
