#include "policy/subuid.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace sshpermd {
namespace {

constexpr std::string_view space = " \t\r\f\v";

std::string_view trim(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
    return text.substr(0, text.find_last_not_of(space) + 1);
}

/// Takes the part up to a character off the front, and the character.
std::string_view take(std::string_view& text, std::string_view ends) {
    const auto end = std::min(text.find_first_of(ends), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

/// Decimal digits and nothing else; a leading zero would be octal to shadow.
std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_octal = text.size() > 1 && text.front() == '0';
    if (error != std::errc{} || end != text.data() + text.size() || is_octal)
        return std::nullopt;
    return value;
}

} // namespace

std::optional<std::vector<UidRange>> parse_subuid(std::string_view text) {
    constexpr std::uint64_t highest = std::numeric_limits<std::uint32_t>::max();
    std::vector<UidRange> ranges;
    while (!text.empty()) {
        const auto line = trim(take(text, "\n"));
        if (line.empty() || line.front() == '#')
            continue;
        if (std::count(line.begin(), line.end(), ':') != 2)
            return std::nullopt;
        auto rest = line;
        take(rest, ":");
        const auto first = number(take(rest, ":"));
        const auto count = number(rest);
        if (!first || !count)
            return std::nullopt;
        if (*count == 0 || *first > highest)
            continue;
        const auto more = std::min(*count - 1, highest - *first);
        ranges.push_back(
            {static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*first + more)});
    }
    return ranges;
}

bool asks_only_this_machine(std::string_view nsswitch) {
    constexpr std::array<std::string_view, 6> here{"files",      "altfiles", "db",
                                                   "extrausers", "systemd",  "mymachines"};
    while (!nsswitch.empty()) {
        auto line = take(nsswitch, "\n");
        line = trim(take(line, "#"));
        if (trim(take(line, ":")) != "passwd")
            continue;
        while (!(line = trim(line)).empty()) {
            const bool is_action = line.front() == '[';
            const auto word = take(line, is_action ? "]" : space);
            if (!is_action && std::find(here.begin(), here.end(), word) == here.end())
                return false;
        }
    }
    return true;
}

} // namespace sshpermd
