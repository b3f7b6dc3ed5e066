// Target: what sshpermd keeps right. There are no others.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sshpermd {

/// The links of the chain from a home root to the keys, outermost first; then what ssh(1) reads in
/// the same `.ssh` when its account logs in elsewhere.
enum class Target { home_root, home, ssh_dir, authorized_keys, private_key, ssh_config };

inline constexpr std::array all_targets{Target::home_root,   Target::home,
                                        Target::ssh_dir,     Target::authorized_keys,
                                        Target::private_key, Target::ssh_config};

/// Those of which every account has its own.
inline constexpr std::array targets_of_accounts{Target::home, Target::ssh_dir,
                                                Target::authorized_keys, Target::private_key,
                                                Target::ssh_config};

/// A regular file; the others are directories.
constexpr bool is_file(Target target) { return target >= Target::authorized_keys; }

/// Is it of no account to sshd, and so to everything that is said of logins?
constexpr bool is_client_side(Target target) {
    return target == Target::private_key || target == Target::ssh_config;
}

/// The word for a target in JSON, journal, command line and manuals.
constexpr std::string_view word(Target target) {
    constexpr std::array<std::string_view, all_targets.size()> words{
        "home_root", "home", "ssh_dir", "authorized_keys", "private_key", "ssh_config"};
    return words.at(static_cast<std::size_t>(target));
}

/// The name in `.ssh` of Target::ssh_config.
inline constexpr std::string_view ssh_config_name = "config";

/// Is this how private keys are called, as ssh-keygen(1) does? What is in it decides.
constexpr bool may_be_private_key(std::string_view name) {
    return name.starts_with("id_") && !name.ends_with(".pub");
}

} // namespace sshpermd
