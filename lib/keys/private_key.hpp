// Private keys as libcrypto reads them; of what is secret nothing leaves but a fingerprint.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

struct PrivateKey {
    std::string public_blob;                ///< SSH's wire format; empty for kinds SSH has not
    std::optional<std::string> ec2_created; ///< of RSA: the SHA-1 of its PKCS#8, in pairs
};

/// The first private key in PEM that is not encrypted. Nothing when libcrypto finds none, and then
/// neither does ssh, for formats other than its own.
std::optional<PrivateKey> private_key_of_pem(std::string_view text);

/// The same in DER: PKCS#1, SEC1 or PKCS#8.
std::optional<PrivateKey> private_key_of_der(std::string_view bytes);

} // namespace sshpermd
