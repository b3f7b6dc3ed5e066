#include "keys/significant_lines.hpp"

#include "keys/fingerprint.hpp"
#include "keys/key_line.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <variant>

namespace sshpermd {
namespace {

/// What is hashed begins with what it is, so that no line can pass for another kind's.
constexpr std::string_view key_domain = "K";
constexpr std::string_view other_domain = "O";
constexpr std::string_view separator{"\0", 1}; // in no option and no type: the parser ends there

/// One context for all lines of a file: making one costs more than hashing a line.
class Hasher {
  public:
    LineHash operator()(std::initializer_list<std::string_view> parts) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        must(context_ ? EVP_DigestInit_ex(context_.get(), sha256(), nullptr) : 0);
        for (const auto part : parts)
            must(EVP_DigestUpdate(context_.get(), part.data(), part.size()));
        must(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
        LineHash hash{};
        std::transform(digest.begin(), digest.begin() + hash.size(), hash.begin(),
                       [](unsigned char byte) { return std::byte{byte}; });
        return hash;
    }

  private:
    static void must(int result) {
        if (result != 1)
            throw std::runtime_error("libcrypto cannot compute SHA-256");
    }

    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                     &EVP_MD_CTX_free};
};

} // namespace

std::vector<SignificantLine> significant_lines(std::string_view text) {
    Hasher hash;
    std::vector<SignificantLine> lines;
    for (const auto line : lines_of(text)) {
        if (lines.size() > most_significant_lines)
            break;
        const auto parsed = parse_key_line(line);
        if (const auto* const key = std::get_if<KeyLine>(&parsed))
            lines.push_back(
                {hash({key_domain, key->options, separator, key->type, separator, key->blob}),
                 sha256_fingerprint(key->blob)});
        else if (std::holds_alternative<OtherLine>(parsed))
            lines.push_back({hash({other_domain, line}), {}});
    }
    return lines;
}

} // namespace sshpermd
