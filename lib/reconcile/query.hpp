// Queries: what stands behind the "?" of a request, and the name at the end of its path.
#pragma once

#include "event/users.hpp"
#include "reconcile/request.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// A request's target, taken apart and decoded (RFC 3986).
struct RequestTarget {
    std::string path; ///< as it was sent: names in it are decoded by whoever takes it apart
    std::map<std::string, std::string> query;
};

/// Throws RequestError for a query that is no list of KEY=VALUE, or has a key twice.
RequestTarget take_apart(std::string_view target);

/// "%41" to "A". Nothing for half an escape, and for NUL.
std::optional<std::string> percent_decoded(std::string_view text);

/// All but letters, digits and "-._~" as "%XX".
std::string percent_encoded(std::string_view text);

/// ?state=&after= Throws RequestError.
UserQuery parse_user_query(const RequestTarget& target);

/// Which events: behind one, from a moment on, or the last.
struct EventQuery {
    static constexpr std::size_t most = 1000;

    std::string since_id;   ///< of an event; empty: not asked for
    std::string since_time; ///< RFC 3339 in UTC with microseconds
    std::optional<std::size_t> limit;
    bool follow = false;
};

/// ?since=&limit=&follow=1 Throws RequestError.
EventQuery parse_event_query(const RequestTarget& target);

} // namespace sshpermd
