#include "keys/fingerprint.hpp"

#include "keys/base64.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace sshpermd {

std::string digest_text(std::string_view digest) {
    auto text = encode_base64(digest);
    text.erase(text.find_last_not_of('=') + 1);
    return "SHA256:" + text;
}

std::string sha256_fingerprint(std::string_view bytes) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                   &length, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("libcrypto cannot compute SHA-256");
    digest.resize(length);
    return digest_text(digest);
}

} // namespace sshpermd
