#include "system/uid_owner.hpp"

#include "policy/subuid.hpp"
#include "system/name_service.hpp"
#include "system/trusted_file.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace sshpermd {
namespace {

/// Whose they are is decided elsewhere, or changes from hour to hour.
constexpr UidRange spoken_for[] = {
    {60001, 60513}, {61184, 65519}, {65534, 65535}, {524288, 1879048191}, {0xffffffff, 0xffffffff}};

bool is_given_to_a_user(uid_t uid, const std::optional<std::string>& subuid) {
    const auto ranges = subuid ? parse_subuid(*subuid) : std::nullopt;
    return !ranges || std::any_of(ranges->begin(), ranges->end(),
                                  [&](const UidRange& range) { return range.contains(uid); });
}

} // namespace

bool may_be_nobodys(uid_t uid, const std::optional<std::string>& nsswitch,
                    const std::optional<std::string>& subuid) {
    if (std::any_of(std::begin(spoken_for), std::end(spoken_for),
                    [&](const UidRange& range) { return range.contains(uid); }))
        return false;
    return nsswitch && asks_only_this_machine(*nsswitch) && !is_given_to_a_user(uid, subuid);
}

bool is_nobodys(uid_t uid, const std::string& etc) {
    if (!may_be_nobodys(uid, trusted_text(etc + "/nsswitch.conf"), trusted_text(etc + "/subuid")))
        return false;
    return find_uid(0) == Found::yes && find_uid(uid) == Found::no;
}

} // namespace sshpermd
