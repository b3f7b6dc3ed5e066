#include "keys/key_line.hpp"

#include "keys/base64.hpp"
#include "keys/public_key.hpp"
#include "policy/fields.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sshpermd {
namespace {

/// sshkey.c keyimpls[] of OpenSSH, retired types included: a line of theirs is no stranger's
/// secret.
constexpr std::array<std::string_view, 19> key_types{
    "ssh-ed25519",
    "ssh-ed25519-cert-v01@openssh.com",
    "ssh-rsa",
    "rsa-sha2-256", // names of signatures, taken for the key's type all the same
    "rsa-sha2-512",
    "ssh-rsa-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ssh-ed25519@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-dss",
    "ssh-dss-cert-v01@openssh.com"};

std::string_view without_leading_spaces(std::string_view text) {
    const auto start = text.find_first_not_of(blanks);
    return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

/// The first word, and what follows it.
std::pair<std::string_view, std::string_view> split_word(std::string_view text) {
    const auto end = text.find_first_of(blanks);
    if (end == std::string_view::npos)
        return {text, {}};
    return {text.substr(0, end), without_leading_spaces(text.substr(end))};
}

std::optional<KeyLine> parse_key(std::string_view text) {
    const auto [type, rest] = split_word(text);
    if (!is_key_type(type))
        return std::nullopt;
    const auto [encoded, comment] = split_word(rest);
    std::string digits{encoded};
    std::erase_if(digits, [](char c) { return c == '\v' || c == '\f' || c == '\r'; }); // base64.c
    auto blob = decode_base64(digits);
    if (!blob || key_type_in(*blob) != key_type_of(type))
        return std::nullopt;
    return KeyLine{{}, type, std::move(*blob), comment};
}

/// auth-options.c: up to the first blank outside of double quotes, "\"" does not end a quote.
std::size_t length_of_options(std::string_view text) {
    bool is_quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_quoted && blanks.find(text[i]) != std::string_view::npos)
            return i;
        if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"')
            ++i;
        else if (text[i] == '"')
            is_quoted = !is_quoted;
    }
    return text.size();
}

} // namespace

KeyFileLine parse_key_line(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n'))
        line.remove_suffix(1);
    line = without_leading_spaces(line.substr(0, line.find('\0'))); // a string of C
    if (line.empty())
        return BlankLine{};
    if (line.front() == '#')
        return CommentLine{};

    if (auto key = parse_key(line))
        return std::move(*key);
    const auto options = line.substr(0, length_of_options(line));
    if (auto key = parse_key(without_leading_spaces(line.substr(options.size())))) {
        key->options = options;
        return std::move(*key);
    }
    return OtherLine{};
}

bool is_key_type(std::string_view word) {
    return std::find(key_types.begin(), key_types.end(), word) != key_types.end();
}

std::optional<std::size_t> find_key_type(std::string_view text) {
    auto first = std::string_view::npos;
    for (const auto type : key_types) // none of them begins in the middle of another but "sk-"
        for (auto at = text.find(type); at < first; at = text.find(type, at + 1))
            if (const auto end = at + type.size();
                end < text.size() && blanks.find(text[end]) != std::string_view::npos)
                first = at;
    return first == std::string_view::npos ? std::nullopt : std::optional{first};
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

bool is_key_file(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
        return false;
    const auto lines = lines_of(text);
    return std::none_of(lines.begin(), lines.end(), [](std::string_view line) {
        return std::holds_alternative<OtherLine>(parse_key_line(line));
    });
}

} // namespace sshpermd
