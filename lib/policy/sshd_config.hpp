// sshd_config: what its text and sshd's own reading of it say about chroots.
#pragma once

#include "policy/account.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// What one configuration file of sshd could do, whatever its Match blocks would make of it. Errs
/// to the side of what sshd would have to be asked.
struct SshdConfigScan {
    bool sets_chroot = false;          ///< a ChrootDirectory that is not "none"
    bool has_match = false;            ///< not the same for everybody
    bool asks_for_client = false;      ///< nor from everywhere: a Match of hosts or addresses
    bool unclear = false;              ///< includes something in words that are not understood
    std::vector<std::string> includes; ///< patterns as they stand there
};

/// Reads lines as servconf.c process_server_config_line() of OpenSSH splits them: keywords in any
/// case, "=" and quotes between them and their arguments.
SshdConfigScan scan_sshd_config(std::string_view text);

/// The value of a keyword, given in lower case, in the output of `sshd -T`; of several the first.
std::optional<std::string> setting_of(std::string_view effective, std::string_view keyword);

/// The files that an AuthorizedKeysFile names for an account, tokens expanded; those that are not
/// absolute are in its home (auth.c authorized_keys_file() of OpenSSH).
std::vector<std::string> key_files_of(std::string_view setting, const Account& account);

/// The ChrootDirectory in the output of `sshd -T`, its tokens not expanded, "none" without one;
/// nothing when the output does not have it. Keywords are in mixed case from OpenSSH 10.5.
std::optional<std::string> chroot_directory_of(std::string_view effective);

/// Replaces %h, %u, %U and %% as session.c do_setusercontext() does; nothing for any other.
std::optional<std::string> expand_chroot(std::string_view setting, const Account& account);

/// Can `sshd -C` be asked about an account of this name? A comma would begin another key.
bool can_be_asked(std::string_view name);

/// Is a path that directory, or somewhere below it? By the names alone; "//", "." and a slash at
/// the end do not matter, ".." is not followed.
bool is_at_or_below(std::string_view path, std::string_view dir);

} // namespace sshpermd
