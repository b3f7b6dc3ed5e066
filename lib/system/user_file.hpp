// User file: a file read with the rights of the account that it belongs to, as sshd reads its keys.
#pragma once

#include "policy/account.hpp"
#include "system/sysroot.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace sshpermd {

struct UserFile {
    std::optional<std::string> text;
    /// The errno of why there is none; EFBIG for one that is too large, not_a_regular_file for
    /// what is no regular file, ETIMEDOUT for a file system that does not answer.
    int error = 0;
};

inline constexpr int not_a_regular_file = 100'000; ///< no errno: sshd's own refusal

/// Reads what the path leads to as auth2-pubkeyfile.c auth_openfile() of OpenSSH does: follows
/// links, with nothing but the account's rights (act_as()), and does not wait for a FIFO.
UserFile read_as(const Sysroot& root, const Account& account, const std::string& path,
                 std::size_t most, std::chrono::milliseconds deadline = std::chrono::seconds{5});

} // namespace sshpermd
