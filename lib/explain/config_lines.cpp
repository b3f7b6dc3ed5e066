#include "explain/config_lines.hpp"

#include "explain/sshd_keywords.hpp"
#include "policy/fields.hpp"
#include "policy/letters.hpp"

#include <algorithm>
#include <cstddef>

namespace sshpermd {
namespace {

constexpr std::string_view mark = "# left out by sshpermctl: ";

/// Without their ends; nothing behind the last newline.
std::vector<std::string_view> config_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// misc.c strdelim() of OpenSSH: blanks, "=" and quotes end a word.
std::string take_setting_word(std::string_view& line) {
    const auto begin = line.find_first_not_of(space_in_line);
    line.remove_prefix(std::min(begin, line.size()));
    if (line.starts_with('"')) {
        const auto end = std::min(line.find('"', 1), line.size());
        std::string word{line.substr(1, end - 1)};
        line.remove_prefix(std::min(end + 1, line.size()));
        return word;
    }
    const auto end = std::min(line.find_first_of(" \t\r\f\v=\""), line.size());
    std::string word{line.substr(0, end)};
    line.remove_prefix(end);
    const auto rest = line.find_first_not_of(space_in_line);
    if (rest != std::string_view::npos && line[rest] == '=')
        line.remove_prefix(rest + 1);
    return word;
}

std::string keyword_of(std::string_view line) { return lowered(take_setting_word(line)); }

void append_hunk(std::string& diff, const std::vector<std::string_view>& was,
                 const std::vector<std::string_view>& is, std::size_t begin, std::size_t end) {
    const auto range = std::to_string(begin + 1) + "," + std::to_string(end - begin);
    diff += "@@ -" + range + " +" + range + " @@\n";
    const auto add = [&](char sign, std::string_view line) {
        diff.append(1, sign).append(line).append("\n");
    };
    for (auto i = begin; i < end;) {
        if (was[i] == is[i]) {
            add(' ', was[i++]);
            continue;
        }
        const auto first = i;
        for (; i < end && was[i] != is[i]; ++i)
            add('-', was[i]);
        for (auto j = first; j < i; ++j)
            add('+', is[j]);
    }
}

} // namespace

std::string why_line_stays(std::string_view text, unsigned line, std::string_view keyword) {
    const auto lines = config_lines(text);
    if (line == 0 || line > lines.size() || keyword_of(lines[line - 1]) != lowered(keyword))
        return "line " + std::to_string(line) + " is another now";
    for (unsigned i = 0; i < line; ++i)
        if (keyword_of(lines[i]) == "match")
            return "it is part of a Match block, and what it was meant to say there is not guessed";
    if (is_sshd_keyword(keyword))
        return "another version of sshd knows it: without it its default would be in force";
    if (const auto meant = keyword_like(keyword); !meant.empty())
        return "it may have been meant to be " + meant +
               ": without it the default of that would be in force";
    return {};
}

std::string without_line(std::string_view text, unsigned line) {
    const auto lines = config_lines(text);
    const auto at = static_cast<std::size_t>(lines.at(line - 1).data() - text.data());
    return std::string{text.substr(0, at)}.append(mark).append(text.substr(at));
}

bool includes_behind_match(std::string_view text) {
    bool behind = false;
    for (const auto line : config_lines(text)) {
        const auto keyword = keyword_of(line);
        if (behind && keyword == "include")
            return true;
        behind = behind || keyword == "match";
    }
    return false;
}

std::vector<std::string> host_keys_in(std::string_view text) {
    std::vector<std::string> found;
    for (auto line : config_lines(text))
        if (lowered(take_setting_word(line)) == "hostkey")
            if (auto path = take_setting_word(line); path.starts_with('/'))
                found.push_back(std::move(path));
    return found;
}

std::string unified_diff(const std::string& path, std::string_view before, std::string_view after) {
    constexpr std::size_t around = 3;
    const auto was = config_lines(before);
    const auto is = config_lines(after);
    if (was == is || was.size() != is.size())
        return {};
    std::string diff = "--- " + path + "\n+++ " + path + "\n";
    for (std::size_t i = 0; i < was.size(); ++i) {
        if (was[i] == is[i])
            continue;
        const auto begin = i < around ? 0 : i - around;
        auto end = std::min(i + 1 + around, was.size());
        for (auto j = i + 1; j < std::min(end + around, was.size()); ++j)
            if (was[j] != is[j])
                end = std::min(j + 1 + around, was.size());
        append_hunk(diff, was, is, begin, end);
        i = end - 1;
    }
    return diff;
}

std::string key_type_for(std::string_view path) {
    const auto name = lowered(path.substr(path.rfind('/') + 1));
    for (const auto* const type : {"ed25519", "ecdsa", "rsa"})
        if (name.find(type) != std::string::npos)
            return type;
    return "ed25519";
}

} // namespace sshpermd
