#include "keys/fingerprint.hpp"

#include "keys/base64.hpp"
#include "keys/der.hpp"

#include <array>
#include <stdexcept>

namespace sshpermd {
namespace {

std::optional<std::string> digest_of(std::string_view bytes, const EVP_MD* kind) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                   &length, kind, nullptr) != 1)
        return std::nullopt;
    digest.resize(length);
    return digest;
}

} // namespace

const EVP_MD* sha256() {
#if OPENSSL_VERSION_MAJOR >= 3
    static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (fetched != nullptr)
        return fetched;
#endif
    return EVP_sha256();
}

std::string digest_text(std::string_view digest) {
    auto text = encode_base64(digest);
    text.erase(text.find_last_not_of('=') + 1);
    return "SHA256:" + text;
}

std::optional<std::string> digest_of_text(std::string_view text) {
    constexpr std::string_view head = "SHA256:";
    if (!text.starts_with(head))
        return std::nullopt;
    auto digest = decode_base64(std::string{text.substr(head.size())} + "=");
    return digest && digest->size() == sha256_size ? digest : std::nullopt;
}

std::string sha256_fingerprint(std::string_view bytes) {
    const auto digest = digest_of(bytes, sha256());
    if (!digest)
        throw std::runtime_error("libcrypto cannot compute SHA-256");
    return digest_text(*digest);
}

std::optional<std::string> hex_pairs(std::string_view bytes, const EVP_MD* digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto computed = digest_of(bytes, digest);
    if (!computed)
        return std::nullopt;
    std::string text;
    for (const char c : *computed) {
        const auto byte = static_cast<unsigned char>(c);
        text.append(text.empty() ? "" : ":").push_back(digits[byte >> 4U]);
        text.push_back(digits[byte & 15U]);
    }
    return text;
}

std::optional<std::string> md5_fingerprint(std::string_view bytes) {
    const auto pairs = hex_pairs(bytes, EVP_md5());
    return pairs ? std::optional{"MD5:" + *pairs} : std::nullopt;
}

std::optional<std::string> ec2_fingerprint(const PublicKey& key) {
    if (key.kind == KeyKind::rsa)
        return hex_pairs(der_of_rsa(key), EVP_md5());
    const auto digest = key.kind == KeyKind::ed25519 ? digest_of(key.blob, sha256()) : std::nullopt;
    return digest ? std::optional{encode_base64(*digest)} : std::nullopt;
}

} // namespace sshpermd
