#include "event/users.hpp"

#include "policy/json_text.hpp"

#include <algorithm>
#include <cstdint>

namespace sshpermd {
namespace {

Json json_of(const Resident& resident, std::optional<UserState> state) {
    return {{"name", resident.name},
            {"uid", resident.uid},
            {"home", resident.home},
            {"state", state ? Json(word(*state)) : Json(nullptr)}};
}

} // namespace

std::string to_json(const UserList& list, const UserQuery& query) {
    const auto& roster = *list.roster;
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t i = 0; i < roster.size(); ++i)
        if (!roster[i].name.empty() && roster[i].name > query.after &&
            (!query.state || list.states[i] == query.state))
            wanted.push_back(i);
    const auto many = std::min(wanted.size(), users_per_page);
    std::partial_sort(
        wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(many), wanted.end(),
        [&](std::uint32_t a, std::uint32_t b) { return roster[a].name < roster[b].name; });
    auto users = Json::array();
    for (std::size_t i = 0; i < many; ++i)
        users.push_back(json_of(roster[wanted[i]], list.states[wanted[i]]));
    const bool is_last = many == wanted.size();
    return one_line({{"schema", "sshpermd.users/1"},
                     {"users", std::move(users)},
                     {"next", is_last ? Json(nullptr) : Json(roster[wanted[many - 1]].name)}});
}

std::string to_json(const UserDetails& user) {
    Json json{{"schema", "sshpermd.user/1"}};
    json.update(json_of(user.resident, user.state));
    json["watched"] = user.is_watched;
    json["flapping"] = user.is_flapping;
    json["left"] = user.left;
    return one_line(json);
}

} // namespace sshpermd
