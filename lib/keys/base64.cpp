#include "keys/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace sshpermd {
namespace {

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

bool is_base64_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

std::optional<std::string> decode_base64(std::string_view text) {
    const bool is_whole = text.size() % 4 == 0;
    for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding)
        text.remove_suffix(1);
    if (!is_whole || text.empty() || !std::all_of(text.begin(), text.end(), is_base64_digit))
        return std::nullopt;

    std::string padded{text};
    padded.append((4 - text.size() % 4) % 4, '=');
    std::string bytes(padded.size() / 4 * 3, '\0');
    if (EVP_DecodeBlock(bytes_of(bytes), bytes_of(std::string_view{padded}),
                        static_cast<int>(padded.size())) < 0)
        return std::nullopt;
    const auto size = text.size() * 3 / 4; // what the padding stood for is not part of it
    if (size < bytes.size() && bytes[size] != '\0')
        return std::nullopt; // nor may the last digit say more than fits: base64.c of OpenBSD
    bytes.resize(size);
    return bytes;
}

std::string encode_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // and a NUL
    const int length =
        EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

} // namespace sshpermd
