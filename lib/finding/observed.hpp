// Observed: what one look at a target saw, as a value.
#pragma once

#include "policy/mode.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string_view>

namespace sshpermd {

enum class FileType { file, dir, symlink, fifo, socket, character, block };

std::string_view word(FileType type);

/// Everything that judging needs, taken from one held descriptor.
struct Observed {
    FileType type = FileType::file;
    Mode mode;
    uid_t owner = 0;
    gid_t group = 0;
    std::uint64_t inode = 0;
    std::uint32_t links = 1;
    std::int64_t changed_us = 0;   ///< ctime, microseconds since 1970
    bool immutable = false;        ///< chattr +i or +a: the kernel refuses any change
    bool has_acl = false;          ///< an access ACL; then the group bits of `mode` are its mask
    bool acl_grants_write = false; ///< a named user or group may write by it

    friend bool operator==(const Observed&, const Observed&) = default;
};

} // namespace sshpermd
