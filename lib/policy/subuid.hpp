// Sub-uids and sources of accounts: what the text of /etc says about uids that no account has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

struct UidRange {
    std::uint32_t first;
    std::uint32_t last; ///< inclusive

    bool contains(std::uint32_t uid) const { return first <= uid && uid <= last; }
    friend bool operator==(const UidRange&, const UidRange&) = default;
};

/// The ranges of subuid(5), "NAME:FIRST:COUNT" in decimal, whoever has them; cut at the highest
/// uid. Nothing when a line is neither that, nor blank, nor a comment: shadow takes octal and
/// hexadecimal, too, and another reader may take what we do not.
std::optional<std::vector<UidRange>> parse_subuid(std::string_view text);

/// The services that a line of nsswitch.conf(5) names ("passwd", "group"), in order, what to do
/// after each left out. Without the line glibc asks files.
std::vector<std::string> services_of(std::string_view nsswitch, std::string_view database);

/// Does the "passwd" line of nsswitch.conf(5) name only sources on this machine that always answer?
/// Where a directory service is named, "no such account" may mean that it cannot be reached:
/// getpwuid_r(3) tells the two apart only for the last source.
bool asks_only_this_machine(std::string_view nsswitch);

} // namespace sshpermd
