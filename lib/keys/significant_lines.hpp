// Significant lines: what of a key file decides who may log in.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// The first half of a SHA-256: enough that nobody finds a second line with the same one.
using LineHash = std::array<std::byte, 16>;

struct SignificantLine {
    LineHash hash;           ///< of options, type and key; a changed comment is the same line
    std::string fingerprint; ///< "SHA256:…" as ssh-keygen -l prints it; empty where no key is read
};

/// Every line that is neither blank nor a comment, in the order of the file. A line that no sshd
/// known to us takes for a key counts, too, byte for byte: another sshd may read it.
/// Not more than one beyond most_significant_lines: nobody has that many keys, and who has is to be
/// treated as if the file were too large.
std::vector<SignificantLine> significant_lines(std::string_view text);
inline constexpr std::size_t most_significant_lines = 4096;

} // namespace sshpermd
