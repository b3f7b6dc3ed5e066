#include "keys/public_key.hpp"

#include "policy/letters.hpp"

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

constexpr std::array<Kind, 8> kinds{
    {{"ssh-rsa", KeyKind::rsa, 0},
     {"ssh-dss", KeyKind::dsa, 0},
     {"ssh-ed25519", KeyKind::ed25519, 256},
     {"sk-ssh-ed25519@openssh.com", KeyKind::ed25519_sk, 256},
     {"ecdsa-sha2-nistp256", KeyKind::ecdsa, 256},
     {"ecdsa-sha2-nistp384", KeyKind::ecdsa, 384},
     {"ecdsa-sha2-nistp521", KeyKind::ecdsa, 521},
     {"sk-ecdsa-sha2-nistp256@openssh.com", KeyKind::ecdsa_sk, 256}}};

/// Names of signatures, which are taken for the key's, and the short ones, which are in any case.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> other_names{
    {{"rsa-sha2-256", "ssh-rsa"},
     {"rsa-sha2-512", "ssh-rsa"},
     {"webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> short_names{
    {{"rsa", "ssh-rsa"},
     {"dsa", "ssh-dss"},
     {"ed25519", "ssh-ed25519"},
     {"ed25519-sk", "sk-ssh-ed25519@openssh.com"}}};

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
        constexpr std::size_t longest = most_bits / 8 + 1; // with a zero in front
        auto bytes = next();
        if (bytes.size() > longest ||
            (!bytes.empty() && static_cast<unsigned char>(bytes[0]) >= 0x80))
            return fail(BlobFlaw::malformed);
        bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
        return bits_of(bytes) > most_bits ? fail(BlobFlaw::malformed) : bytes;
    }

    /// sshbuf_get_cstring(): a NUL may end it, and not be in it.
    std::string_view text() {
        auto bytes = next();
        if (bytes.ends_with('\0'))
            bytes.remove_suffix(1);
        return bytes.find('\0') == std::string_view::npos ? bytes : fail(BlobFlaw::malformed);
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

/// As sshkey.c sshkey_to_blob() would write them.
std::string read_point(Fields& fields, unsigned bits) {
    const auto curve = fields.text();
    if (curve != "nistp" + std::to_string(bits))
        fields.fail(BlobFlaw::malformed);
    const auto point = fields.next();
    if (!fields.flaw() && !is_point(point, bits))
        fields.fail(BlobFlaw::malformed);
    return in_wire_format(curve) + in_wire_format(point);
}

std::string read_ed25519(Fields& fields) {
    constexpr std::size_t ed25519_bytes = 32;
    const auto point = fields.next();
    if (point.size() != ed25519_bytes)
        fields.fail(BlobFlaw::malformed);
    return in_wire_format(point);
}

std::string read_fields(Fields& fields, PublicKey& key) {
    switch (key.kind) {
    case KeyKind::rsa:
        key.exponent = fields.number();
        key.modulus = fields.number();
        key.bits = bits_of(key.modulus);
        return number_in_wire_format(key.exponent) + number_in_wire_format(key.modulus);
    case KeyKind::dsa: {
        const auto prime = fields.number();
        key.bits = bits_of(prime);
        auto text = number_in_wire_format(prime);
        for (int i = 0; i < 3; ++i)
            text.append(number_in_wire_format(fields.number()));
        return text;
    }
    case KeyKind::ecdsa: return read_point(fields, key.bits);
    case KeyKind::ecdsa_sk: {
        auto text = read_point(fields, key.bits);
        return text.append(in_wire_format(fields.text())); // the application
    }
    case KeyKind::ed25519: return read_ed25519(fields);
    case KeyKind::ed25519_sk: {
        auto text = read_ed25519(fields);
        return text.append(in_wire_format(fields.text()));
    }
    }
    return {};
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

std::string key_type_of(std::string_view name) {
    for (const auto& [other, type] : other_names)
        if (name == other)
            return std::string{type};
    for (const auto& [other, type] : short_names)
        if (is_word(name, other))
            return std::string{type};
    return std::string{name};
}

std::string key_type_in(std::string_view blob) { return key_type_of(Fields{blob}.text()); }

ParsedKey parse_public_key(std::string_view blob) {
    Fields fields{blob};
    PublicKey key;
    key.type = plain_type(key_type_of(fields.text()), key.is_certificate);
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
    const auto numbers = read_fields(fields, key);
    if (fields.flaw())
        return *fields.flaw();
    if (!key.is_certificate && !fields.rest().empty())
        return BlobFlaw::malformed;
    key.blob = in_wire_format(key.type) + numbers;
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
