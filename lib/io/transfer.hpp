// Transfer: all of it, through descriptors that take or give a part at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// How many bytes were taken, of all unless something failed: then errno says what (ENOSPC where
/// nothing is taken any more).
std::size_t write_all(int fd, std::string_view bytes);

/// From where the descriptor stands to the end, but no more than `most` + 1 bytes: longer than
/// `most` means that there is more than that. Nothing when it cannot be read: errno says why.
std::optional<std::string> read_all(int fd, std::size_t most);

} // namespace sshpermd
