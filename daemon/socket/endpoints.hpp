// Endpoints: what can be asked for at the status socket, and by whom.
#pragma once

#include "reconcile/query.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sshpermd {

enum class Endpoint {
    health,
    status,
    version,
    users,
    user,
    events,
    config,
    metrics,
    check,
    repair,
    add_key,
    undo,
    forget,
    pause,
    resume,
    reload,
};

/// An endpoint as it was asked for.
struct Wanted {
    Endpoint endpoint;
    bool is_change = false; ///< root's alone
    RequestTarget target;
    std::string user; ///< the name in the path
};

/// Why there is none: HTTP's status, and a sentence.
struct NotThere {
    unsigned status = 404;
    std::string detail;
};

/// Throws RequestError for a query that is none.
std::variant<Wanted, NotThere> find_endpoint(std::string_view method, std::string_view target);

} // namespace sshpermd
