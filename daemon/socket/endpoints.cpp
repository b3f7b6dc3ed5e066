#include "socket/endpoints.hpp"

#include <algorithm>
#include <array>

namespace sshpermd {
namespace {

enum class Query { none, some };

struct Known {
    std::string_view path;
    std::string_view method;
    Endpoint endpoint;
    Query query = Query::none;
    bool is_change = false;
};

constexpr std::array all{
    Known{"/v1/health", "GET", Endpoint::health},
    Known{"/v1/status", "GET", Endpoint::status},
    Known{"/v1/version", "GET", Endpoint::version},
    Known{"/v1/users", "GET", Endpoint::users, Query::some},
    Known{"/v1/events", "GET", Endpoint::events, Query::some},
    Known{"/v1/config", "GET", Endpoint::config},
    Known{"/metrics", "GET", Endpoint::metrics},
    Known{"/v1/check", "POST", Endpoint::check},
    Known{"/v1/repair", "POST", Endpoint::repair, Query::some, true},
    Known{"/v1/keys", "POST", Endpoint::add_key, Query::none, true},
    Known{"/v1/undo", "POST", Endpoint::undo, Query::none, true},
    Known{"/v1/forget", "POST", Endpoint::forget, Query::none, true},
    Known{"/v1/pause", "POST", Endpoint::pause, Query::none, true},
    Known{"/v1/resume", "POST", Endpoint::resume, Query::none, true},
    Known{"/v1/reload", "POST", Endpoint::reload, Query::none, true},
};
constexpr Known one_user{"/v1/users/", "GET", Endpoint::user};

std::string list_of_endpoints() {
    std::string gets;
    std::string posts;
    for (const auto& known : all) {
        auto& list = known.method == "GET" ? gets : posts;
        list += (list.empty() ? "" : ", ") + std::string{known.path};
    }
    return "there are GET " + gets + " and /v1/users/NAME, POST " + posts;
}

} // namespace

std::variant<Wanted, NotThere> find_endpoint(std::string_view method, std::string_view target) {
    const auto path = target.substr(0, target.find('?'));
    const auto* known =
        std::find_if(all.begin(), all.end(), [&](const Known& one) { return one.path == path; });
    std::optional<std::string> user;
    if (known == all.end() && path.starts_with(one_user.path)) {
        user = percent_decoded(path.substr(one_user.path.size()));
        known = user && !user->empty() ? &one_user : known;
    }
    if (known == all.end() || (known->query == Query::none && path != target))
        return NotThere{404, list_of_endpoints()};
    if (method != known->method)
        return NotThere{405, "ask for this with " + std::string{known->method}};
    return Wanted{known->endpoint, known->is_change, take_apart(target), user.value_or("")};
}

} // namespace sshpermd
