#include "policy/sshd_config.hpp"

#include "policy/fields.hpp"
#include "policy/letters.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

/// What sshd skips between words, or we do to be sure.
constexpr std::string_view between = " \t\r\n\f\v=\"";

std::string_view skip(std::string_view text, std::string_view characters) {
    return text.substr(std::min(text.find_first_not_of(characters), text.size()));
}

/// Calls use(keyword, rest) for every line that has a keyword.
template <typename Use>
void for_each_line(std::string_view text, Use use) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = skip(text.substr(0, end), between);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto length = std::min(line.find_first_of(between), line.size());
        if (length > 0 && line.front() != '#')
            use(line.substr(0, length), line.substr(length));
    }
}

/// A pattern in quotes that hold nothing else special loses them.
void add_includes(std::string_view rest, SshdConfigScan& scan) {
    const auto before = scan.includes.size();
    rest = skip(rest, " \t\r\f\v=");
    while (!rest.empty() && rest.front() != '#') {
        const bool quoted = rest.front() == '"';
        rest.remove_prefix(quoted ? 1 : 0);
        const auto end = quoted ? rest.find('"') : std::min(rest.find_first_of(space), rest.size());
        if (end == std::string_view::npos || end == 0)
            break;
        const auto pattern = rest.substr(0, end);
        rest.remove_prefix(std::min(end + (quoted ? 1 : 0), rest.size()));
        const bool ends_here = rest.empty() || space.find(rest.front()) != std::string_view::npos;
        if (!ends_here || pattern.find_first_of("\"'\\~{}") != std::string_view::npos) {
            scan.unclear = true;
            return;
        }
        scan.includes.emplace_back(pattern);
        rest = skip(rest, space);
    }
    const bool understood = rest.empty() || rest.front() == '#';
    scan.unclear = scan.unclear || !understood || scan.includes.size() == before;
}

/// Errs to the side of a client that matters: a user may be called "host".
void add_match(std::string_view rest, SshdConfigScan& scan) {
    scan.has_match = true;
    for (rest = skip(rest, between); !rest.empty(); rest = skip(rest, between)) {
        const auto word = rest.substr(0, std::min(rest.find_first_of(between), rest.size()));
        rest.remove_prefix(word.size());
        for (const auto* const asked : {"host", "address", "localaddress", "localport", "rdomain"})
            scan.asks_for_client = scan.asks_for_client || is_word(word, asked);
    }
}

std::vector<std::string_view> components(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!(path = skip(path, "/")).empty()) {
        const auto part = path.substr(0, path.find('/'));
        if (part != ".")
            parts.push_back(part);
        path.remove_prefix(part.size());
    }
    return parts;
}

} // namespace

SshdConfigScan scan_sshd_config(std::string_view text) {
    SshdConfigScan scan;
    for_each_line(text, [&](std::string_view keyword, std::string_view rest) {
        if (is_word(keyword, "chrootdirectory") && !is_word(trim(rest, between), "none"))
            scan.sets_chroot = true;
        else if (is_word(keyword, "match"))
            add_match(rest, scan);
        else if (is_word(keyword, "include"))
            add_includes(rest, scan);
    });
    return scan;
}

std::optional<std::string> setting_of(std::string_view effective, std::string_view keyword) {
    std::optional<std::string> found;
    for_each_line(effective, [&](std::string_view given, std::string_view rest) {
        const auto value = trim(rest, space);
        if (!found && is_word(given, keyword) && !value.empty())
            found = value;
    });
    return found;
}

std::optional<std::string> chroot_directory_of(std::string_view effective) {
    auto found = setting_of(effective, "chrootdirectory");
    return found && is_word(*found, "none") ? "none" : found;
}

std::vector<std::string> key_files_of(std::string_view setting, const Account& account) {
    std::vector<std::string> files;
    for (setting = skip(setting, space); !setting.empty(); setting = skip(setting, space)) {
        const auto word = setting.substr(0, setting.find_first_of(space));
        setting.remove_prefix(word.size());
        auto path = expand_chroot(word, account);
        if (!path || is_word(word, "none"))
            continue;
        if (!path->starts_with('/'))
            path->insert(0, account.home + "/");
        files.push_back(std::move(*path));
    }
    return files;
}

std::optional<std::string> expand_chroot(std::string_view setting, const Account& account) {
    std::string path;
    for (std::size_t i = 0; i < setting.size(); ++i) {
        if (setting[i] != '%') {
            path += setting[i];
            continue;
        }
        switch (++i < setting.size() ? setting[i] : '\0') {
        case 'h': path += account.home; break;
        case 'u': path += account.name; break;
        case 'U': path += std::to_string(account.uid); break;
        case '%': path += '%'; break;
        default: return std::nullopt;
        }
    }
    return path;
}

bool can_be_asked(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return c != ',' && static_cast<unsigned char>(c) > ' ' && c != '\x7f';
    });
}

bool is_at_or_below(std::string_view path, std::string_view dir) {
    const auto inner = components(path);
    const auto outer = components(dir);
    return outer.size() <= inner.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

} // namespace sshpermd
