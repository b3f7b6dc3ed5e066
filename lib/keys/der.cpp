#include "keys/der.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

constexpr char integer = '\x02';
constexpr char bit_string = '\x03';
constexpr char octet_string = '\x04';
constexpr char object_id = '\x06';
constexpr char sequence = '\x30';

constexpr std::string_view rsa_id{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9};
constexpr std::string_view ed25519_id{"\x2b\x65\x70", 3};
constexpr std::string_view ec_id{"\x2a\x86\x48\xce\x3d\x02\x01", 7};
constexpr std::string_view p256_id{"\x2a\x86\x48\xce\x3d\x03\x01\x07", 8};
constexpr std::string_view p384_id{"\x2b\x81\x04\x00\x22", 5};
constexpr std::string_view p521_id{"\x2b\x81\x04\x00\x23", 5};

/// One element after the other of what a sequence holds.
class Elements {
  public:
    explicit Elements(std::string_view bytes) : rest_(bytes) {}

    /// The content of the next one when it has this tag.
    std::optional<std::string_view> next(char tag) {
        if (rest_.size() < 2 || rest_[0] != tag)
            return std::nullopt;
        std::size_t head = 2;
        std::size_t length = static_cast<unsigned char>(rest_[1]);
        if (length >= 0x80) {
            const auto digits = length - 0x80;
            if (digits == 0 || digits > 3 || rest_.size() < head + digits)
                return std::nullopt;
            length = 0;
            for (; head < 2 + digits; ++head)
                length = length << 8U | static_cast<unsigned char>(rest_[head]);
        }
        if (rest_.size() - head < length)
            return std::nullopt;
        const auto content = rest_.substr(head, length);
        rest_.remove_prefix(head + length);
        return content;
    }

    bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

/// What a sequence that is all there is holds.
std::optional<Elements> inside(std::string_view bytes) {
    Elements outer{bytes};
    const auto content = outer.next(sequence);
    if (!content || !outer.at_end())
        return std::nullopt;
    return Elements{*content};
}

std::string_view without_zeros(std::string_view number) {
    return number.substr(std::min(number.find_first_not_of('\0'), number.size()));
}

std::optional<std::string> blob_of_rsa(Elements numbers) {
    const auto modulus = numbers.next(integer);
    const auto exponent = numbers.next(integer);
    if (!modulus || !exponent || !numbers.at_end())
        return std::nullopt;
    return rsa_blob(without_zeros(*modulus), without_zeros(*exponent));
}

std::optional<std::string> blob_of_curve(std::string_view curve, std::string_view point) {
    if (curve == p256_id)
        return ecdsa_blob("nistp256", point);
    if (curve == p384_id)
        return ecdsa_blob("nistp384", point);
    if (curve == p521_id)
        return ecdsa_blob("nistp521", point);
    return std::nullopt;
}

std::optional<std::string> blob_of_info(Elements info) {
    const auto algorithm = info.next(sequence);
    const auto bits = info.next(bit_string);
    if (!algorithm || !bits || bits->empty() || bits->front() != '\0' || !info.at_end())
        return std::nullopt;
    Elements parts{*algorithm};
    const auto id = parts.next(object_id);
    const auto key = bits->substr(1);
    if (id == rsa_id) {
        const auto numbers = inside(key);
        return numbers ? blob_of_rsa(*numbers) : std::nullopt;
    }
    if (id == ed25519_id)
        return ed25519_blob(key);
    if (const auto curve = parts.next(object_id); id == ec_id && curve)
        return blob_of_curve(*curve, key);
    return std::nullopt;
}

std::string element(char tag, std::string_view content) {
    std::string text(1, tag);
    if (content.size() < 0x80) {
        text.push_back(static_cast<char>(content.size()));
    } else {
        std::string digits;
        for (auto left = content.size(); left != 0; left >>= 8U)
            digits.insert(digits.begin(), static_cast<char>(left & 0xFFU));
        text.push_back(static_cast<char>(0x80 + digits.size()));
        text += digits;
    }
    return text.append(content);
}

std::string number(std::string_view digits) {
    const bool looks_negative =
        digits.empty() || static_cast<unsigned char>(digits.front()) >= 0x80;
    return element(integer, std::string(looks_negative ? 1 : 0, '\0').append(digits));
}

} // namespace

std::optional<std::string> blob_of_der(std::string_view der) {
    const auto content = inside(der);
    if (!content)
        return std::nullopt;
    auto blob = blob_of_info(*content);
    if (!blob)
        blob = blob_of_rsa(*content);
    if (!blob || !std::holds_alternative<PublicKey>(parse_public_key(*blob)))
        return std::nullopt;
    return blob;
}

std::string der_of_rsa(const PublicKey& key) {
    const auto numbers = element(sequence, number(key.modulus) + number(key.exponent));
    const auto algorithm =
        element(sequence, element(object_id, rsa_id) + std::string{"\x05\x00", 2});
    return element(sequence, algorithm + element(bit_string, std::string(1, '\0') + numbers));
}

bool is_private_der(std::string_view bytes) {
    auto content = inside(bytes);
    const auto version = content ? content->next(integer) : std::nullopt;
    return version && version->size() == 1 && !blob_of_der(bytes);
}

bool is_encrypted_der(std::string_view bytes) {
    auto content = inside(bytes);
    return content && content->next(sequence) && content->next(octet_string) && content->at_end();
}

} // namespace sshpermd
