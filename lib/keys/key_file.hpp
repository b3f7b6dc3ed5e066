// Key file: what a file of any format has of a key, public or private.
#pragma once

#include "keys/key_list.hpp"
#include "keys/public_key.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

enum class KeyFormat {
    openssh_public,
    authorized_keys, ///< or another list of lines with keys
    rfc4716,
    pem_public, ///< SubjectPublicKeyInfo
    pkcs1_public,
    der_public,
    openssh_private,
    pem_private, ///< PKCS#1 and SEC1, one kind of key each
    pkcs8_private,
    der_private,
    ssh2_private, ///< of ssh.com
    ppk,
    certificate, ///< of X.509, or a request for one
    utf16,
    empty,
    unknown
};

/// As in JSON.
std::string_view word(KeyFormat format);

/// Why a file of a format that a program knows is not read by it all the same.
enum class KeyFileFlaw { text_before, carriage_returns, no_final_newline, truncated, malformed };
std::string_view word(KeyFileFlaw flaw);

struct KeyFileReading {
    KeyFormat format = KeyFormat::unknown;
    bool is_private = false;
    bool is_encrypted = false;
    std::optional<PublicKey> key; ///< the public half, where it can be read without a passphrase
    std::string comment;
    std::optional<KeyFileFlaw> flaw;
    std::vector<ListedKey> lines; ///< of openssh_public and authorized_keys
    /// What the EC2 console shows for an RSA key pair that was created there: the SHA-1 of the
    /// private key. Where it can be computed.
    std::optional<std::string> ec2_created;
};

/// Never asks for a passphrase.
KeyFileReading read_key(std::string_view text, const KeyRules& rules);

} // namespace sshpermd
