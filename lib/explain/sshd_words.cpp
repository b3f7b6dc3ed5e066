#include "explain/sshd_words.hpp"

#include "policy/fields.hpp"

#include <algorithm>
#include <array>

namespace sshpermd {
namespace {

/// What stands between the two; nothing when they are not there.
std::optional<std::string> between(std::string_view text, std::string_view before,
                                   std::string_view after) {
    const auto begin = text.find(before);
    if (begin == std::string_view::npos)
        return std::nullopt;
    text.remove_prefix(begin + before.size());
    const auto end = after.empty() ? text.size() : text.find(after);
    if (end == std::string_view::npos)
        return std::nullopt;
    return std::string{text.substr(0, end)};
}

/// "FILE: line 12: what" or "FILE line 12: what".
bool read_place(std::string_view text, SshdComplaint& into) {
    constexpr std::string_view word = " line ";
    const auto at = text.find(word);
    if (!text.starts_with('/') || at == std::string_view::npos)
        return false;
    auto rest = text.substr(at + word.size());
    const auto number = decimal(take_field(rest, ":"));
    if (!number || *number == 0 || *number > 1'000'000)
        return false;
    into.file = std::string{trim(text.substr(0, at), ":")};
    into.line = static_cast<unsigned>(*number);
    return true;
}

/// sshd goes on after these.
bool is_warning(std::string_view text) {
    return text.find("Deprecated option") != std::string_view::npos ||
           text.find("Unsupported option") != std::string_view::npos;
}

/// What it tells of when it has taken its configuration, or could not use what is there.
std::optional<SshdComplaint> beyond_config(const std::string& line) {
    if (auto user = between(line, "Privilege separation user ", " does not exist"))
        return SshdComplaint{SshdFault::no_user, line, *std::move(user), {}, 0};
    if (auto dir = between(line, "Missing privilege separation directory: ", ""))
        return SshdComplaint{SshdFault::no_directory, line, *std::move(dir), {}, 0};
    if (auto dir = between(line, "", " must be owned by root and not group or world-writable"))
        return SshdComplaint{SshdFault::open_directory, line, *std::move(dir), {}, 0};
    if (line.find("no hostkeys available") != std::string::npos)
        return SshdComplaint{SshdFault::no_host_keys, line, {}, {}, 0};
    return std::nullopt;
}

} // namespace

std::optional<SshdComplaint> complaint_in(std::string_view said) {
    std::optional<SshdComplaint> unknown;
    std::optional<SshdComplaint> last;
    for (const auto field : fields_of(said, "\r\n")) {
        const std::string line{field};
        if (auto beyond = beyond_config(line))
            return beyond;
        SshdComplaint complaint;
        complaint.words = line;
        if (read_place(line, complaint) && !is_warning(line)) {
            complaint.fault = SshdFault::config;
            if (auto keyword = between(line, "Bad configuration option: ", "")) {
                complaint.fault = SshdFault::unknown_keyword;
                complaint.subject = *std::move(keyword);
                if (!unknown)
                    unknown = complaint;
            }
            last = complaint;
        } else if (!last || last->fault == SshdFault::other) {
            last = complaint;
        }
    }
    return unknown ? unknown : last;
}

bool is_system_name(std::string_view name) {
    constexpr std::size_t longest = 32;
    return !name.empty() && name.size() < longest && name != "root" &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") ==
               std::string_view::npos &&
           (name.front() == '_' || (name.front() >= 'a' && name.front() <= 'z'));
}

bool may_be_separation_dir(std::string_view path) {
    constexpr std::array<std::string_view, 5> tops{"/run", "/var/run", "/var/empty", "/var/lib",
                                                   "/usr/share/empty.sshd"};
    for (const auto part : fields_of(path, "/"))
        if (part == "." || part == "..")
            return false;
    if (path.find("//") != std::string_view::npos || path.ends_with('/'))
        return false;
    const bool is_one = path == "/var/empty" || path == "/usr/share/empty.sshd";
    return is_one || std::any_of(tops.begin(), tops.end(), [&](std::string_view top) {
               return path.size() > top.size() + 1 && path.starts_with(top) &&
                      path[top.size()] == '/';
           });
}

} // namespace sshpermd
