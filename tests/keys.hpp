// Key lines for tests: well-formed, nobody's.
#pragma once

#include "keys/base64.hpp"

#include <string>

namespace sshpermd {

/// "ssh-ed25519 AAAA… NAME", another key for each letter.
inline std::string key_line(char letter, const std::string& comment = "") {
    const std::string type = "ssh-ed25519";
    const std::string blob = std::string{"\0\0\0\x0b", 4} + type + std::string{"\0\0\0\x20", 4} +
                             std::string(32, letter);
    return type + " " + encode_base64(blob) + (comment.empty() ? "" : " " + comment) + "\n";
}

} // namespace sshpermd
