// Public keys: what the decoded bytes of a key say about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sshpermd {

enum class KeyKind { rsa, dsa, ecdsa, ecdsa_sk, ed25519, ed25519_sk };

/// "RSA", "ED25519-SK": as ssh-keygen -l ends a line.
std::string_view word(KeyKind kind);

struct PublicKey {
    KeyKind kind = KeyKind::rsa;
    bool is_certificate = false;
    unsigned bits = 0;
    std::string type;     ///< "ssh-ed25519"; of a certificate, that of the key in it
    std::string blob;     ///< in SSH's wire format; of a certificate, that of the key in it
    std::string modulus;  ///< of RSA, without leading zeros
    std::string exponent; ///< of RSA, without leading zeros
};

/// Why bytes are no key: they end too early, or are none at all.
enum class BlobFlaw { truncated, malformed };

using ParsedKey = std::variant<PublicKey, BlobFlaw>;

/// The type of the key that bytes with this name in front hold, as sshkey.c
/// sshkey_type_from_name() has it: "ssh-rsa" for "rsa-sha2-256", and for "RSA" in any case.
std::string key_type_of(std::string_view name);
/// That of the bytes; empty when they do not begin with any name.
std::string key_type_in(std::string_view blob);

/// Reads SSH's wire format (RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f,
/// PROTOCOL.certkeys) as sshkey.c sshkey_from_blob() of OpenSSH does, points of curves included;
/// but short RSA keys, which it declines, are keys here. What has more than one spelling comes out
/// in OpenSSH's own, of which the fingerprint is taken.
ParsedKey parse_public_key(std::string_view blob);

/// The wire format of what other formats hold.
std::string rsa_blob(std::string_view modulus, std::string_view exponent);
std::string ed25519_blob(std::string_view point);
/// Of "nistp256", "nistp384" or "nistp521".
std::string ecdsa_blob(std::string_view curve, std::string_view point);

} // namespace sshpermd
