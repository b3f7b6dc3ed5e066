// Fingerprints: what stands for a key, and for a whole file, in events and on the command line.
#pragma once

#include "keys/public_key.hpp"

#include <openssl/evp.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// "SHA256:" and 43 digits, as ssh-keygen -l prints it for the decoded key (for a certificate it
/// prints that of the key inside), and as content hashes are written.
std::string sha256_fingerprint(std::string_view bytes);

inline constexpr std::size_t sha256_size = 32; ///< bytes of a digest

/// For EVP_Digest() and EVP_DigestInit_ex(): found in libcrypto once. For what EVP_sha256() gives,
/// OpenSSL 3 searches its providers again at each digest.
const EVP_MD* sha256();

/// A SHA-256 that was computed elsewhere, in the same form.
std::string digest_text(std::string_view digest);

/// The SHA-256 again of which this is the text; nothing when it is none.
std::optional<std::string> digest_of_text(std::string_view text);

/// "MD5:" and 16 pairs of digits, as ssh-keygen -l -E md5 prints it. Nothing where libcrypto may
/// not compute it (FIPS).
std::optional<std::string> md5_fingerprint(std::string_view bytes);

/// What the EC2 console shows for a key pair whose public half was imported, or, of Ed25519,
/// created there, too: the MD5 of an RSA key's SubjectPublicKeyInfo in pairs, the SHA-256 of an
/// Ed25519 key with its padding. Nothing for kinds that EC2 does not take.
std::optional<std::string> ec2_fingerprint(const PublicKey& key);

/// "01:23:…" of a digest by this name; nothing where libcrypto may not compute it.
std::optional<std::string> hex_pairs(std::string_view bytes, const EVP_MD* digest);

} // namespace sshpermd
