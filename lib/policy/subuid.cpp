#include "policy/subuid.hpp"

#include "policy/fields.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace sshpermd {
namespace {

/// A leading zero would be octal to shadow.
std::optional<std::uint64_t> number(std::string_view text) {
    const bool is_octal = text.size() > 1 && text.front() == '0';
    return is_octal ? std::nullopt : decimal(text);
}

} // namespace

std::optional<std::vector<UidRange>> parse_subuid(std::string_view text) {
    constexpr std::uint64_t highest = std::numeric_limits<std::uint32_t>::max();
    std::vector<UidRange> ranges;
    while (!text.empty()) {
        const auto line = trim(take_field(text, "\n"), space_in_line);
        if (line.empty() || line.front() == '#')
            continue;
        if (std::count(line.begin(), line.end(), ':') != 2)
            return std::nullopt;
        auto rest = line;
        take_field(rest, ":");
        const auto first = number(take_field(rest, ":"));
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
        auto line = take_field(nsswitch, "\n");
        line = trim(take_field(line, "#"), space_in_line);
        if (trim(take_field(line, ":"), space_in_line) != database)
            continue;
        has_line = true;
        while (!(line = trim(line, space_in_line)).empty()) {
            if (line.front() == '[') {
                take_field(line, "]");
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
