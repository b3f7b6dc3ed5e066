#include "keys/significant_lines.hpp"

#include "keys/fingerprint.hpp"
#include "keys/key_line.hpp"

#include <openssl/sha.h>

#include <algorithm>

namespace sshpermd {
namespace {

LineHash hash_of(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    LineHash hash;
    std::transform(digest.begin(), digest.begin() + hash.size(), hash.begin(),
                   [](unsigned char byte) { return std::byte{byte}; });
    return hash;
}

} // namespace

std::vector<SignificantLine> significant_lines(std::string_view text) {
    std::vector<SignificantLine> lines;
    for (const auto line : lines_of(text)) {
        const auto parsed = parse_key_line(line);
        if (const auto* const key = std::get_if<KeyLine>(&parsed)) {
            std::string whole{key->options};
            whole.append(1, '\0').append(key->type).append(1, '\0').append(key->blob);
            lines.push_back({hash_of(whole), sha256_fingerprint(key->blob)});
        } else if (std::holds_alternative<OtherLine>(parsed)) {
            lines.push_back({hash_of(line), {}});
        }
    }
    return lines;
}

} // namespace sshpermd
