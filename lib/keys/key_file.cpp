#include "keys/key_file.hpp"

#include "keys/armor.hpp"
#include "keys/der.hpp"
#include "keys/key_line.hpp"
#include "keys/private_key.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

constexpr std::string_view openssh_begin = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
constexpr std::string_view openssh_end = "\n-----END OPENSSH PRIVATE KEY-----\n";

std::optional<PublicKey> key_of(std::string_view blob) {
    auto key = parse_public_key(blob);
    auto* const whole = std::get_if<PublicKey>(&key);
    return whole != nullptr ? std::optional{std::move(*whole)} : std::nullopt;
}

/// Where the first armored key begins, if nothing before it is a key.
std::optional<std::size_t> find_armor(std::string_view text) {
    std::size_t at = text.starts_with(utf8_mark) ? utf8_mark.size() : 0;
    for (const auto line : lines_of(text.substr(at))) {
        if (armor_head(line))
            return at;
        if (std::holds_alternative<KeyLine>(parse_key_line(line)))
            return std::nullopt;
        at += line.size() + 1;
    }
    return std::nullopt;
}

KeyFormat format_of(const ArmorHead& head) {
    if (head.armor == Armor::ppk)
        return KeyFormat::ppk;
    if (head.armor == Armor::rfc4716)
        return head.is_private ? KeyFormat::ssh2_private : KeyFormat::rfc4716;
    if (head.label == "OPENSSH PRIVATE KEY")
        return KeyFormat::openssh_private;
    if (head.label == "PRIVATE KEY" || head.label == "ENCRYPTED PRIVATE KEY")
        return KeyFormat::pkcs8_private;
    if (head.is_private)
        return KeyFormat::pem_private;
    if (head.label == "PUBLIC KEY")
        return KeyFormat::pem_public;
    return head.label == "RSA PUBLIC KEY" ? KeyFormat::pkcs1_public : KeyFormat::certificate;
}

/// sshkey.c sshkey_parse_private2() wants its marks to the byte.
std::optional<KeyFileFlaw> flaw_of_openssh(std::string_view text, std::size_t at,
                                           const ArmoredKey& armored) {
    if (!armored.is_whole)
        return KeyFileFlaw::truncated;
    if (at != 0 || !text.starts_with("-----BEGIN"))
        return KeyFileFlaw::text_before;
    const bool is_exact =
        text.starts_with(openssh_begin) &&
        text.find(openssh_end, openssh_begin.size() - 1) != std::string_view::npos;
    if (is_exact)
        return std::nullopt;
    if (text.find('\r') != std::string_view::npos)
        return KeyFileFlaw::carriage_returns;
    constexpr auto end = openssh_end.substr(0, openssh_end.size() - 1);
    return text.ends_with(end) ? KeyFileFlaw::no_final_newline : KeyFileFlaw::malformed;
}

void read_pem_private(std::string_view text, const ArmoredKey& armored, KeyFileReading& reading) {
    if (armored.is_encrypted) {
        if (!armored.is_whole)
            reading.flaw = KeyFileFlaw::truncated;
        return;
    }
    const auto known = private_key_of_pem(text);
    if (!known) {
        reading.flaw = armored.is_whole ? KeyFileFlaw::malformed : KeyFileFlaw::truncated;
        return;
    }
    reading.key = key_of(known->public_blob);
    reading.ec2_created = known->ec2_created;
}

KeyFileReading read_armored(std::string_view text, std::size_t at) {
    const auto armored = parse_armor(text.substr(at)).value_or(ArmoredKey{});
    KeyFileReading reading;
    reading.format = format_of(armored.head);
    reading.is_private = armored.head.is_private;
    reading.is_encrypted = armored.is_encrypted;
    reading.comment = armored.comment;
    if (const auto blob = public_blob_of(armored))
        reading.key = key_of(*blob);
    switch (reading.format) {
    case KeyFormat::openssh_private:
        reading.flaw = flaw_of_openssh(text, at, armored);
        if (!reading.flaw && !reading.key)
            reading.flaw = KeyFileFlaw::malformed;
        break;
    case KeyFormat::pem_private:
    case KeyFormat::pkcs8_private: read_pem_private(text, armored, reading); break;
    default:
        if (!armored.is_whole)
            reading.flaw = KeyFileFlaw::truncated;
    }
    return reading;
}

std::optional<KeyFileReading> read_der(std::string_view text) {
    KeyFileReading reading;
    if (const auto blob = blob_of_der(text)) {
        reading.format = KeyFormat::der_public;
        reading.key = key_of(*blob);
        return reading;
    }
    const auto known = private_key_of_der(text);
    reading.format = KeyFormat::der_private;
    reading.is_private = true;
    reading.is_encrypted = is_encrypted_der(text);
    if (known) {
        reading.key = key_of(known->public_blob);
        reading.ec2_created = known->ec2_created;
    }
    return known || reading.is_encrypted ? std::optional{reading} : std::nullopt;
}

KeyFileReading read_lines(std::string_view text, const KeyRules& rules) {
    KeyFileReading reading;
    reading.lines = list_keys(text, rules);
    const auto is_a_key = [](const ListedKey& line) { return line.key && !line.ignored; };
    const auto is_nothing = [](const ListedKey& line) {
        return line.ignored == Ignored::not_a_key || line.ignored == Ignored::nul_byte;
    };
    if (reading.lines.empty()) {
        reading.format = text.find_first_not_of(" \t\r\n") == std::string_view::npos
                             ? KeyFormat::empty
                             : KeyFormat::authorized_keys;
    } else if (reading.lines.front().ignored == Ignored::utf16) {
        reading.format = KeyFormat::utf16;
    } else if (std::all_of(reading.lines.begin(), reading.lines.end(), is_nothing)) {
        reading.format = KeyFormat::unknown;
    } else {
        const bool is_one = reading.lines.size() == 1 && is_a_key(reading.lines.front()) &&
                            reading.lines.front().options.empty();
        reading.format = is_one ? KeyFormat::openssh_public : KeyFormat::authorized_keys;
    }
    if (reading.lines.size() == 1) {
        reading.key = reading.lines.front().key;
        reading.comment = reading.lines.front().comment;
    }
    return reading;
}

} // namespace

std::string_view word(KeyFormat format) {
    switch (format) {
    case KeyFormat::openssh_public: return "openssh_public";
    case KeyFormat::authorized_keys: return "authorized_keys";
    case KeyFormat::rfc4716: return "rfc4716";
    case KeyFormat::pem_public: return "pem_public";
    case KeyFormat::pkcs1_public: return "pkcs1_public";
    case KeyFormat::der_public: return "der_public";
    case KeyFormat::openssh_private: return "openssh_private";
    case KeyFormat::pem_private: return "pem_private";
    case KeyFormat::pkcs8_private: return "pkcs8_private";
    case KeyFormat::der_private: return "der_private";
    case KeyFormat::ssh2_private: return "ssh2_private";
    case KeyFormat::ppk: return "ppk";
    case KeyFormat::certificate: return "certificate";
    case KeyFormat::utf16: return "utf16";
    case KeyFormat::empty: return "empty";
    case KeyFormat::unknown: return "unknown";
    }
    return "";
}

std::string_view word(KeyFileFlaw flaw) {
    switch (flaw) {
    case KeyFileFlaw::text_before: return "text_before";
    case KeyFileFlaw::carriage_returns: return "carriage_returns";
    case KeyFileFlaw::no_final_newline: return "no_final_newline";
    case KeyFileFlaw::truncated: return "truncated";
    case KeyFileFlaw::malformed: return "malformed";
    }
    return "";
}

KeyFileReading read_key(std::string_view text, const KeyRules& rules) {
    if (auto der = read_der(text))
        return std::move(*der);
    if (const auto at = find_armor(text))
        return read_armored(text, *at);
    return read_lines(text, rules);
}

} // namespace sshpermd
