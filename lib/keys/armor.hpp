// Armor: the formats that wrap a key into lines of base64, PEM, RFC 4716 and PuTTY's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

enum class Armor { pem, rfc4716, ppk };

/// The first line of such a key: which format, and what it says that it holds.
struct ArmorHead {
    Armor armor = Armor::pem;
    std::string_view label; ///< "RSA PRIVATE KEY"; of PPK, the type of the key
    bool is_private = false;
};

/// Nothing when the line, without blanks before it, begins no key in any of these formats.
std::optional<ArmorHead> armor_head(std::string_view line);

/// Does this line end the key?
bool is_armor_end(std::string_view line, Armor armor);

/// One key with all its lines, from the head on, taken apart.
struct ArmoredKey {
    ArmorHead head;
    std::string bytes;   ///< what the base64 stands for; of PPK, the public part
    std::string comment; ///< of RFC 4716 and PPK
    bool is_encrypted = false;
    bool is_whole = false; ///< it has its last line, and no other is missing as far as can be told
};

/// Nothing when the text does not begin with such a key. The views refer into the text.
std::optional<ArmoredKey> parse_armor(std::string_view text);

/// The public key in SSH's wire format that it holds where everybody can read it: of a public key,
/// a PPK, or OpenSSH's private format, encrypted or not.
std::optional<std::string> public_blob_of(const ArmoredKey& key);

} // namespace sshpermd
