// DER: public keys as OpenSSL and X.509 write them.
#pragma once

#include "keys/public_key.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// SubjectPublicKeyInfo (RFC 5280) of RSA, Ed25519 and the three curves of SSH, or RSAPublicKey
/// (RFC 8017); as SSH's wire format. Nothing for anything else.
std::optional<std::string> blob_of_der(std::string_view der);

/// The SubjectPublicKeyInfo of an RSA key.
std::string der_of_rsa(const PublicKey& key);

/// Is this one DER sequence that a private key is: PKCS#1, SEC1 or PKCS#8, which all begin with a
/// version?
bool is_private_der(std::string_view bytes);

/// Encrypted PKCS#8: an algorithm, then bytes.
bool is_encrypted_der(std::string_view bytes);

} // namespace sshpermd
