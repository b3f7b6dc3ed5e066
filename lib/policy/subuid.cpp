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

std::vector<std::string> services_of(std::string_view nsswitch, std::string_view database) {
    std::vector<std::string> services;
    bool has_line = false;
    while (!nsswitch.empty()) {
        auto line = take(nsswitch, "\n");
        line = trim(take(line, "#"));
        if (trim(take(line, ":")) != database)
            continue;
        has_line = true;
        while (!(line = trim(line)).empty()) {
            if (line.front() == '[') {
                take(line, "]");
                continue;
            }
            const auto end = std::min(line.find_first_of(" \t\r\f\v["), line.size());
            services.emplace_back(line.substr(0, end));
            line.remove_prefix(end);
        }
    }
    return has_line ? services : std::vector<std::string>{"files"};
}

bool asks_only_this_machine(std::string_view nsswitch) {
    constexpr std::array<std::string_view, 6> here{"files",      "altfiles", "db",
                                                   "extrausers", "systemd",  "mymachines"};
    const auto services = services_of(nsswitch, "passwd");
    return std::all_of(services.begin(), services.end(), [&](const std::string& service) {
        return std::find(here.begin(), here.end(), service) != here.end();
    });
}

} // namespace sshpermd
