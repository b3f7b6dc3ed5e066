// Key lines for tests: well-formed, nobody's.
#pragma once

#include "keys/base64.hpp"

#include <string>

namespace sshpermd {

/// A real key, and what ssh-keygen -l says of it.
inline const std::string real_key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPOcZSWg4RLG/hAYZMCt59Bxg536o78MUlGrTH8+R3Cb";
inline constexpr const char* real_fingerprint =
    "SHA256:s62AsaCuimK1fHXUvR81lLAAmOEpRAv3rLaNjvIj+WE";

/// "ssh-ed25519 AAAA… NAME", another key for each letter.
inline std::string key_line(char letter, const std::string& comment = "") {
    const std::string type = "ssh-ed25519";
    const std::string blob = std::string{"\0\0\0\x0b", 4} + type + std::string{"\0\0\0\x20", 4} +
                             std::string(32, letter);
    return type + " " + encode_base64(blob) + (comment.empty() ? "" : " " + comment) + "\n";
}

} // namespace sshpermd
