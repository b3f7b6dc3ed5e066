#include "keys/public_key.hpp"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

namespace sshpermd {
namespace {

constexpr std::size_t length_bytes = 4;
constexpr unsigned most_bits = 16384; // sshbuf.h SSHBUF_MAX_BIGNUM

struct Kind {
    std::string_view type;
    KeyKind kind;
    unsigned bits; ///< 0: those of its number
};

constexpr std::array<Kind, 11> kinds{
    {{"ssh-rsa", KeyKind::rsa, 0},
     {"rsa-sha2-256", KeyKind::rsa, 0},
     {"rsa-sha2-512", KeyKind::rsa, 0},
     {"ssh-dss", KeyKind::dsa, 0},
     {"ssh-ed25519", KeyKind::ed25519, 256},
     {"sk-ssh-ed25519@openssh.com", KeyKind::ed25519_sk, 256},
     {"ecdsa-sha2-nistp256", KeyKind::ecdsa, 256},
     {"ecdsa-sha2-nistp384", KeyKind::ecdsa, 384},
     {"ecdsa-sha2-nistp521", KeyKind::ecdsa, 521},
     {"sk-ecdsa-sha2-nistp256@openssh.com", KeyKind::ecdsa_sk, 256},
     {"webauthn-sk-ecdsa-sha2-nistp256@openssh.com", KeyKind::ecdsa_sk, 256}}};

std::string in_wire_format(std::string_view bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    std::string text;
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        text.push_back(static_cast<char>(length >> shift & 0xFFU));
    return text.append(bytes);
}

/// A number that is positive whatever its first bit.
std::string number_in_wire_format(std::string_view number) {
    const bool looks_negative = !number.empty() && static_cast<unsigned char>(number[0]) >= 0x80;
    return in_wire_format((looks_negative ? std::string(1, '\0') : "") + std::string{number});
}

unsigned bits_of(std::string_view number) {
    if (number.empty())
        return 0;
    unsigned bits = static_cast<unsigned>(number.size() - 1) * 8;
    for (auto first = static_cast<unsigned char>(number[0]); first != 0; first >>= 1U)
        ++bits;
    return bits;
}

/// Reads one field after the other; remembers what first went wrong.
class Fields {
  public:
    explicit Fields(std::string_view bytes) : rest_(bytes) {}

    std::string_view next() {
        if (flaw_)
            return {};
        if (rest_.size() < length_bytes)
            return fail(BlobFlaw::truncated);
        std::uint32_t length = 0;
        for (const char c : rest_.substr(0, length_bytes))
            length = length << 8U | static_cast<unsigned char>(c);
        if (length > 16384) // no field of a key is longer
            return fail(BlobFlaw::malformed);
        if (rest_.size() - length_bytes < length)
            return fail(BlobFlaw::truncated);
        const auto field = rest_.substr(length_bytes, length);
        rest_.remove_prefix(length_bytes + length);
        return field;
    }

    /// sshbuf-getput-basic.c sshbuf_get_bignum2_bytes_direct()
    std::string_view number() {
        auto bytes = next();
        if (!bytes.empty() && static_cast<unsigned char>(bytes[0]) >= 0x80)
            return fail(BlobFlaw::malformed);
        bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
        return bits_of(bytes) > most_bits ? fail(BlobFlaw::malformed) : bytes;
    }

    std::string_view rest() const { return rest_; }
    std::optional<BlobFlaw> flaw() const { return flaw_; }
    std::string_view fail(BlobFlaw flaw) {
        if (!flaw_)
            flaw_ = flaw;
        return {};
    }

  private:
    std::string_view rest_;
    std::optional<BlobFlaw> flaw_;
};

/// Uncompressed, and on the curve.
bool is_point(std::string_view bytes, unsigned bits) {
    const int curve = bits == 256   ? NID_X9_62_prime256v1
                      : bits == 384 ? NID_secp384r1
                                    : NID_secp521r1;
    if (bytes.empty() || bytes[0] != '\x04')
        return false;
    const std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group{
        EC_GROUP_new_by_curve_name(curve), &EC_GROUP_free};
    if (!group)
        return false;
    const std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> point{EC_POINT_new(group.get()),
                                                                    &EC_POINT_free};
    return point && EC_POINT_oct2point(group.get(), point.get(),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       bytes.size(), nullptr) == 1;
}

void read_point(Fields& fields, const PublicKey& key) {
    const auto curve = fields.next();
    if (curve != "nistp" + std::to_string(key.bits))
        fields.fail(BlobFlaw::malformed);
    const auto point = fields.next();
    if (!fields.flaw() && !is_point(point, key.bits))
        fields.fail(BlobFlaw::malformed);
}

void read_fields(Fields& fields, PublicKey& key) {
    constexpr std::size_t ed25519_bytes = 32;
    switch (key.kind) {
    case KeyKind::rsa:
        key.exponent = fields.number();
        key.modulus = fields.number();
        key.bits = bits_of(key.modulus);
        break;
    case KeyKind::dsa:
        key.bits = bits_of(fields.number());
        for (int i = 0; i < 3; ++i)
            fields.number();
        break;
    case KeyKind::ecdsa: read_point(fields, key); break;
    case KeyKind::ecdsa_sk:
        read_point(fields, key);
        fields.next(); // the application
        break;
    case KeyKind::ed25519:
    case KeyKind::ed25519_sk:
        if (fields.next().size() != ed25519_bytes)
            fields.fail(BlobFlaw::malformed);
        if (key.kind == KeyKind::ed25519_sk)
            fields.next();
        break;
    }
}

/// "ssh-rsa-cert-v01@openssh.com" is a certificate of "ssh-rsa".
std::string plain_type(std::string_view type, bool& is_certificate) {
    constexpr std::string_view mark = "-cert-v01";
    const auto at = type.find(mark);
    is_certificate = at != std::string_view::npos;
    if (!is_certificate)
        return std::string{type};
    std::string plain{type.substr(0, at)};
    return plain.append(plain.starts_with("sk-") ? type.substr(at + mark.size()) : "");
}

} // namespace

std::string_view word(KeyKind kind) {
    switch (kind) {
    case KeyKind::rsa: return "RSA";
    case KeyKind::dsa: return "DSA";
    case KeyKind::ecdsa: return "ECDSA";
    case KeyKind::ecdsa_sk: return "ECDSA-SK";
    case KeyKind::ed25519: return "ED25519";
    case KeyKind::ed25519_sk: return "ED25519-SK";
    }
    return "";
}

ParsedKey parse_public_key(std::string_view blob) {
    Fields fields{blob};
    PublicKey key;
    key.type = plain_type(fields.next(), key.is_certificate);
    const auto* const known =
        std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return k.type == key.type; });
    if (fields.flaw())
        return *fields.flaw();
    if (known == kinds.end())
        return BlobFlaw::malformed;
    key.kind = known->kind;
    key.bits = known->bits;
    if (key.is_certificate)
        fields.next(); // the nonce
    const auto numbers = fields.rest();
    read_fields(fields, key);
    if (fields.flaw())
        return *fields.flaw();
    if (!key.is_certificate && !fields.rest().empty())
        return BlobFlaw::malformed;
    key.blob = in_wire_format(key.type);
    key.blob.append(numbers.substr(0, numbers.size() - fields.rest().size()));
    return key;
}

std::string rsa_blob(std::string_view modulus, std::string_view exponent) {
    return in_wire_format("ssh-rsa") + number_in_wire_format(exponent) +
           number_in_wire_format(modulus);
}

std::string ed25519_blob(std::string_view point) {
    return in_wire_format("ssh-ed25519") + in_wire_format(point);
}

std::string ecdsa_blob(std::string_view curve, std::string_view point) {
    return in_wire_format("ecdsa-sha2-" + std::string{curve}) + in_wire_format(curve) +
           in_wire_format(point);
}

} // namespace sshpermd
