#include "keys/armor.hpp"

#include "keys/base64.hpp"
#include "keys/der.hpp"
#include "keys/key_line.hpp"
#include "keys/public_key.hpp"

#include <algorithm>
#include <charconv>

namespace sshpermd {
namespace {

constexpr std::string_view pem_begin = "-----BEGIN ";
constexpr std::string_view pem_end = "-----END ";
constexpr std::string_view ssh2_begin = "---- BEGIN SSH2 ";
constexpr std::string_view ssh2_end = "---- END SSH2 ";
constexpr std::string_view ppk_begin = "PuTTY-User-Key-File-";
constexpr std::string_view ppk_end = "Private-MAC:";
constexpr std::string_view openssh_magic{"openssh-key-v1\0", 15};

std::string_view trim(std::string_view text) { return sshpermd::trim(text, space); }

/// "Name: value" of a header; PPK and RFC 4716 write it so, and old PEM.
struct Header {
    std::string_view name;
    std::string_view value;
};
std::optional<Header> header_of(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    return Header{line.substr(0, colon), trim(line.substr(colon + 1))};
}

std::string_view unquoted(std::string_view text) {
    return text.size() >= 2 && text.front() == '"' && text.back() == '"'
               ? text.substr(1, text.size() - 2)
               : text;
}

/// The lines of base64 after the headers. A header of RFC 4716 goes on after a backslash.
void read_lines(const std::vector<std::string_view>& lines, ArmoredKey& key) {
    std::string digits;
    bool goes_on = false;
    bool has_end = false;
    for (std::size_t i = 1; i < lines.size() && !has_end; ++i) {
        const auto line = trim(lines[i]);
        has_end = is_armor_end(line, key.head.armor);
        if (has_end)
            break;
        const auto header = goes_on ? std::nullopt : header_of(line);
        if (header && header->name == "Comment")
            key.comment = unquoted(header->value);
        if (header && header->value.find("ENCRYPTED") != std::string_view::npos)
            key.is_encrypted = true;
        if (!header && !goes_on)
            digits.append(line);
        goes_on = (header || goes_on) && line.ends_with('\\');
    }
    auto bytes = decode_base64(digits);
    key.is_whole = has_end && bytes;
    if (bytes)
        key.bytes = std::move(*bytes);
}

void read_ppk(const std::vector<std::string_view>& lines, ArmoredKey& key) {
    std::string digits;
    std::size_t wanted = 0;
    bool has_end = false;
    for (std::size_t i = 1; i < lines.size() && !has_end; ++i) {
        const auto line = trim(lines[i]);
        has_end = is_armor_end(line, Armor::ppk);
        const auto header = header_of(line);
        if (wanted > 0 && !header) {
            digits.append(line);
            --wanted;
        } else if (header && header->name == "Comment") {
            key.comment = header->value;
        } else if (header && header->name == "Encryption") {
            key.is_encrypted = header->value != "none";
        } else if (header && header->name == "Public-Lines") {
            std::from_chars(header->value.data(), header->value.data() + header->value.size(),
                            wanted);
        }
    }
    auto bytes = decode_base64(digits);
    key.is_whole = has_end && bytes;
    if (bytes)
        key.bytes = std::move(*bytes);
}

/// PROTOCOL.key: magic, cipher, kdf, its options, the number of keys, the first public key, and all
/// that is secret: filled up to whole blocks, and encrypted unless the cipher is none.
struct OpensshPrivate {
    std::string_view cipher;
    std::string_view public_blob;
    bool is_whole = false;
};

/// sshkey.c private2_check_padding() and private2_decrypt() find more; this is what a lost line
/// breaks. Two equal numbers stand in front, for who decrypts to see that he has.
bool is_whole_secret(std::optional<std::string_view> secret, std::string_view rest,
                     std::string_view cipher) {
    constexpr std::size_t block = 8;
    constexpr std::size_t number = 4;
    if (!secret || secret->empty() || secret->size() % block != 0)
        return false;
    return cipher != "none" ||
           (rest.empty() && secret->substr(0, number) == secret->substr(number, number));
}

std::optional<OpensshPrivate> parse_openssh_private(std::string_view bytes) {
    if (!bytes.starts_with(openssh_magic))
        return std::nullopt;
    bytes.remove_prefix(openssh_magic.size());
    const auto next = [&]() -> std::optional<std::string_view> {
        constexpr std::size_t head = 4;
        std::size_t length = 0;
        for (const char c : bytes.substr(0, head))
            length = length << 8U | static_cast<unsigned char>(c);
        if (bytes.size() < head || bytes.size() - head < length)
            return std::nullopt;
        const auto field = bytes.substr(head, length);
        bytes.remove_prefix(head + length);
        return field;
    };
    const auto cipher = next();
    const auto kdf = next();
    const auto kdf_options = next();
    if (!cipher || !kdf || !kdf_options || bytes.size() < 4)
        return std::nullopt;
    bytes.remove_prefix(4);
    const auto blob = next();
    if (!blob)
        return std::nullopt;
    const auto secret = next();
    return OpensshPrivate{*cipher, *blob, is_whole_secret(secret, bytes, *cipher)};
}

} // namespace

std::optional<ArmorHead> armor_head(std::string_view line) {
    line = trim(line);
    if (line.starts_with(pem_begin)) {
        line.remove_prefix(pem_begin.size());
        const auto label = line.substr(0, line.find("-----"));
        return ArmorHead{Armor::pem, label, label.ends_with("PRIVATE KEY")};
    }
    if (line.starts_with(ssh2_begin)) {
        line.remove_prefix(ssh2_begin.size());
        const auto label = line.substr(0, line.find(" ----"));
        return ArmorHead{Armor::rfc4716, label, label.ends_with("PRIVATE KEY")};
    }
    if (line.starts_with(ppk_begin)) {
        const auto header = header_of(line);
        return ArmorHead{Armor::ppk, header ? header->value : std::string_view{}, true};
    }
    return std::nullopt;
}

bool is_armor_end(std::string_view line, Armor armor) {
    line = trim(line);
    switch (armor) {
    case Armor::pem: return line.starts_with(pem_end);
    case Armor::rfc4716: return line.starts_with(ssh2_end);
    case Armor::ppk: return line.starts_with(ppk_end);
    }
    return false;
}

std::optional<ArmoredKey> parse_armor(std::string_view text) {
    const auto lines = lines_of(text);
    const auto head = lines.empty() ? std::nullopt : armor_head(lines.front());
    if (!head)
        return std::nullopt;
    ArmoredKey key;
    key.head = *head;
    if (head->armor == Armor::ppk)
        read_ppk(lines, key);
    else
        read_lines(lines, key);
    if (head->label == "ENCRYPTED PRIVATE KEY")
        key.is_encrypted = true;
    if (const auto parsed = parse_openssh_private(key.bytes)) {
        key.is_encrypted = parsed->cipher != "none";
        key.is_whole = key.is_whole && parsed->is_whole;
    }
    return key;
}

std::optional<std::string> public_blob_of(const ArmoredKey& key) {
    if (key.head.armor == Armor::pem) {
        if (const auto parsed = parse_openssh_private(key.bytes))
            return std::string{parsed->public_blob};
        return key.head.is_private ? std::nullopt : blob_of_der(key.bytes);
    }
    if (key.head.armor == Armor::rfc4716 && key.head.is_private)
        return std::nullopt;
    return key.bytes.empty() ? std::nullopt : std::optional{key.bytes};
}

} // namespace sshpermd
