#include "event/user_state.hpp"

#include <algorithm>
#include <iterator>

namespace sshpermd {
namespace {

bool is_left_wrong(const Report& report) {
    if (report.failure)
        return true;
    if (std::holds_alternative<Drift>(report.finding))
        return report.action != Action::repaired && report.action != Action::deferred;
    return std::holds_alternative<Refusal>(report.finding) && !report.managed;
}

UserState state_of_missing(Target target) {
    switch (target) {
    case Target::home: return UserState::missing_home;
    case Target::ssh_dir: return UserState::missing_ssh;
    default: return UserState::missing_keys;
    }
}

} // namespace

std::string_view word(UserState state) {
    constexpr std::array<std::string_view, user_states> words{
        "protected", "missing_home", "missing_ssh", "missing_keys", "polled",
        "flapping",  "refused",      "withheld",    "managed",      "ignored"};
    return words.at(static_cast<std::size_t>(state));
}

UserState state_of(const std::vector<Report>& reports, Standing standing) {
    const auto end = std::find_if(reports.begin(), reports.end(), [](const Report& report) {
        return is_client_side(report.target);
    });
    const auto any = [&](auto holds) { return std::any_of(reports.begin(), end, holds); };
    if (any([](const Report& report) { return report.action == Action::withheld; }))
        return UserState::withheld;
    if (any(is_left_wrong))
        return UserState::refused;
    if (any([](const Report& report) { return report.managed; }))
        return UserState::managed;
    if (standing.is_flapping)
        return UserState::flapping;
    const auto& last = *std::prev(end);
    const bool has_a_key_file = any([](const Report& report) {
        return report.target == Target::authorized_keys &&
               !std::holds_alternative<Missing>(report.finding);
    });
    if (std::holds_alternative<Missing>(last.finding) && !has_a_key_file)
        return state_of_missing(last.target);
    return standing.is_polled ? UserState::polled : UserState::protected_;
}

} // namespace sshpermd
