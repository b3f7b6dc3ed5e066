#include "keys/private_key.hpp"

#include "keys/der.hpp"
#include "keys/fingerprint.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <climits>
#include <memory>

namespace sshpermd {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

/// libcrypto would ask on the terminal otherwise.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*unused*/) {
    return -1;
}

std::string public_der_of(EVP_PKEY* key) {
    unsigned char* bytes = nullptr;
    const int length = i2d_PUBKEY(key, &bytes);
    std::string der;
    if (length > 0)
        der.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
    OPENSSL_free(bytes);
    return der;
}

std::optional<std::string> sha1_of_private(EVP_PKEY* key) {
    const std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)> info{
        EVP_PKEY2PKCS8(key), &PKCS8_PRIV_KEY_INFO_free};
    unsigned char* bytes = nullptr;
    const int length = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), &bytes) : 0;
    if (length <= 0)
        return std::nullopt;
    const auto size = static_cast<std::size_t>(length);
    auto digest = hex_pairs({reinterpret_cast<const char*>(bytes), size}, EVP_sha1());
    OPENSSL_clear_free(bytes, size);
    return digest;
}

std::optional<PrivateKey> known_of(const Key& key) {
    ERR_clear_error();
    if (!key)
        return std::nullopt;
    PrivateKey known;
    known.public_blob = blob_of_der(public_der_of(key.get())).value_or("");
    if (EVP_PKEY_base_id(key.get()) == EVP_PKEY_RSA)
        known.ec2_created = sha1_of_private(key.get());
    return known;
}

} // namespace

std::optional<PrivateKey> private_key_of_pem(std::string_view text) {
    if (text.size() > INT_MAX)
        return std::nullopt;
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio{
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
    if (!bio)
        return std::nullopt;
    return known_of(
        Key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr), &EVP_PKEY_free});
}

std::optional<PrivateKey> private_key_of_der(std::string_view bytes) {
    const auto* begin = reinterpret_cast<const unsigned char*>(bytes.data());
    return known_of(
        Key{d2i_AutoPrivateKey(nullptr, &begin, static_cast<long>(bytes.size())), &EVP_PKEY_free});
}

} // namespace sshpermd
