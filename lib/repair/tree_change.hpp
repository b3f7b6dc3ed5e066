// Tree change: one file below a home that was handed over to its account.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace sshpermd {

/// Which file, and whose it was before.
struct TreeChange {
    std::uint64_t inode = 0;
    std::uint32_t owner = 0;
    std::uint32_t group = 0;

    friend bool operator==(const TreeChange&, const TreeChange&) = default;
};

/// Whose home it is in, and whose it is now.
struct TreeOwner {
    std::string user;
    std::string home; ///< its path
    uid_t uid = 0;
    gid_t gid = 0;

    friend bool operator==(const TreeOwner&, const TreeOwner&) = default;
};

} // namespace sshpermd
