#include "finding/gate.hpp"

#include "keys/key_line.hpp"

#include <algorithm>
#include <array>

namespace sshpermd {

std::optional<RefusalReason> refuse_key_file(const Observed& observed,
                                             const KeyFileContent& content) {
    constexpr unsigned set_ids = 06000;
    if (observed.links != 1)
        return RefusalReason::hard_linked;
    if (observed.mode.has(set_ids) || content.has_capabilities)
        return RefusalReason::set_id;
    if (content.too_large)
        return RefusalReason::too_large;
    if (!is_key_file(content.text))
        return RefusalReason::not_a_key_file;
    return std::nullopt;
}

std::optional<RefusalReason> refuse_ssh_dir(std::span<const DirEntry> entries, uid_t account) {
    const auto belongs = [account](const DirEntry& entry) {
        return is_ssh_file_name(entry.name) &&
               (entry.type == FileType::file || entry.type == FileType::dir) &&
               (entry.owner == 0 || entry.owner == account);
    };
    if (entries.size() > max_ssh_entries || !std::all_of(entries.begin(), entries.end(), belongs))
        return RefusalReason::unknown_entries;
    return std::nullopt;
}

bool is_ssh_file_name(std::string_view name) {
    constexpr std::array<std::string_view, 13> names{
        ".sshpermd.new", "config",  "config.d",     "environment", "rc",
        "agent",         "sockets", "cm",           "control",     "controlmasters",
        "moduli",        "conf.d",  "known_hosts.d"};
    constexpr std::array<std::string_view, 3> beginnings{"authorized_keys", "known_hosts", "id_"};
    constexpr std::array<std::string_view, 4> endings{".pub", ".pem", ".key", ".ppk"};
    return std::find(names.begin(), names.end(), name) != names.end() ||
           std::any_of(beginnings.begin(), beginnings.end(),
                       [&](auto start) { return name.starts_with(start); }) ||
           std::any_of(endings.begin(), endings.end(),
                       [&](auto end) { return name.ends_with(end); });
}

bool is_frozen(const Observed& ssh_dir) {
    return ssh_dir.type == FileType::dir && ssh_dir.owner == 0 && ssh_dir.group == 0 &&
           (ssh_dir.mode == frozen_mode || ssh_dir.mode == frozen_unexposed_mode);
}

bool is_closing(const Observed& home, uid_t account) {
    return home.type == FileType::dir && home.group == 0 &&
           ((home.owner == account && home.mode == closing_mode) ||
            (home.owner == 0 && home.mode == closing_mode_of_roots));
}

} // namespace sshpermd
