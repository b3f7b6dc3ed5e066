#include "keys/ignored_line.hpp"

#include "keys/armor.hpp"
#include "keys/base64.hpp"
#include "keys/der.hpp"
#include "keys/key_line.hpp"
#include "policy/fields.hpp"
#include "policy/letters.hpp"

#include <algorithm>
#include <array>

namespace sshpermd {
namespace {

constexpr std::size_t most_joined = std::size_t{16} << 10U; // bytes; no key is longer

std::optional<PublicKey> key_in(std::string_view text) {
    const auto parsed = parse_key_line(text);
    const auto* const line = std::get_if<KeyLine>(&parsed);
    if (line == nullptr)
        return std::nullopt;
    auto key = parse_public_key(line->blob);
    return std::holds_alternative<PublicKey>(key)
               ? std::optional{std::get<PublicKey>(std::move(key))}
               : std::nullopt;
}

bool is_base64(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '/' || c == '=';
    });
}

/// The first word that is a key's type, and what follows it.
struct Typed {
    std::size_t at = 0;
    std::string_view type;
    std::string_view rest;
};
std::optional<Typed> find_type(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find_first_of(blanks, at), text.size());
        const auto type = text.substr(at, end - at);
        const auto rest = seen_by_sshd(text.substr(end));
        if (is_key_type(type))
            return Typed{at, type, rest};
        at = std::min(text.find_first_not_of(blanks, end), text.size());
    }
    return std::nullopt;
}

/// How many lines it takes to make a whole key of the first, when the others are but base64.
std::optional<std::pair<std::size_t, PublicKey>> unwrap(std::span<const std::string_view> lines) {
    const auto typed = find_type(seen_by_sshd(lines.front()));
    if (!typed || typed->rest.find_first_of(blanks) != std::string_view::npos)
        return std::nullopt;
    auto joined = std::string{typed->type} + " " + std::string{typed->rest};
    for (std::size_t i = 1; i < lines.size() && joined.size() < most_joined; ++i) {
        const auto line = seen_by_sshd(lines[i]);
        if (!is_base64(line.substr(0, line.find_first_of(blanks))))
            return std::nullopt;
        joined.append(line);
        if (auto key = key_in(joined))
            return std::pair{i + 1, std::move(*key)};
    }
    return std::nullopt;
}

ListedKey ignored(Ignored why, std::optional<PublicKey> key = {}, std::size_t lines = 1) {
    ListedKey listed;
    listed.first_line = 1;
    listed.last_line = lines;
    listed.key = std::move(key);
    listed.ignored = why;
    return listed;
}

ListedKey explain_armor(const ArmorHead& head, std::span<const std::string_view> lines) {
    std::string text;
    std::size_t count = 0;
    bool has_end = false;
    for (; count < lines.size() && !has_end; ++count) {
        if (count > 0 && armor_head(lines[count]))
            break;
        text.append(lines[count]).push_back('\n');
        has_end = is_armor_end(lines[count], head.armor);
    }
    const auto why = head.armor == Armor::ppk       ? Ignored::ppk
                     : head.is_private              ? Ignored::private_key
                     : head.armor == Armor::rfc4716 ? Ignored::rfc4716
                                                    : Ignored::pem;
    auto listed = ignored(why, {}, count);
    const auto armored = parse_armor(text);
    const auto blob = armored ? public_blob_of(*armored) : std::nullopt;
    if (armored)
        listed.comment = armored->comment;
    if (blob)
        if (auto key = parse_public_key(*blob); std::holds_alternative<PublicKey>(key))
            listed.key = std::get<PublicKey>(std::move(key));
    return listed;
}

/// The text of a line with a type in it that makes no key with what follows.
ListedKey explain_typed(const Typed& typed) {
    const auto encoded = typed.rest.substr(0, typed.rest.find_first_of(blanks));
    if (find_key_type(encoded) || (!is_base64(encoded) && find_key_type(typed.rest)))
        return ignored(Ignored::joined);
    if (encoded.empty())
        return ignored(Ignored::truncated);
    if (!is_base64(encoded))
        return ignored(Ignored::malformed);
    const auto blob = decode_base64(encoded);
    if (!blob)
        return ignored(encoded.find('=') == std::string_view::npos ? Ignored::truncated
                                                                   : Ignored::malformed);
    auto key = parse_public_key(*blob);
    if (auto* const whole = std::get_if<PublicKey>(&key)) {
        auto listed = ignored(Ignored::type_differs, std::move(*whole));
        listed.problem = typed.type;
        return listed;
    }
    return ignored(std::get<BlobFlaw>(key) == BlobFlaw::truncated ? Ignored::truncated
                                                                  : Ignored::malformed);
}

std::optional<ListedKey> explain_disguised(std::string_view text) {
    if (text.starts_with(utf8_mark)) {
        const auto rest = text.substr(utf8_mark.size());
        return ignored(Ignored::byte_order_mark, key_in(rest));
    }
    if (text.starts_with('"') || text.starts_with('\'') || text.starts_with("\xE2\x80\x9C"))
        if (const auto at = find_key_type(text)) {
            auto inner = text.substr(*at);
            inner = inner.substr(0, inner.find_first_of("\"'\xE2"));
            return ignored(Ignored::quoted, key_in(inner));
        }
    const auto end = std::min(text.find_first_of(blanks), text.size());
    if (const auto type = lowered(text.substr(0, end));
        type != text.substr(0, end) && is_key_type(type))
        return ignored(Ignored::wrong_case, key_in(type + std::string{text.substr(end)}));
    if (const auto blob = decode_base64(text.substr(0, end)))
        if (auto key = parse_public_key(*blob); std::holds_alternative<PublicKey>(key))
            return ignored(Ignored::no_type, std::get<PublicKey>(std::move(key)));
    return std::nullopt;
}

} // namespace

std::string_view seen_by_sshd(std::string_view line) {
    line = line.substr(0, line.find('\0'));
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    return line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
}

std::optional<std::size_t> find_key(std::string_view text) {
    constexpr int most = 8; // types to be looked at: a bound on the work for a text of nothing else
    std::size_t from = 0;
    for (int i = 0; i < most; ++i) {
        const auto found = find_key_type(text.substr(from));
        if (!found)
            return std::nullopt;
        from += *found;
        if (key_in(text.substr(from)))
            return from;
        ++from;
    }
    return std::nullopt;
}

ListedKey explain_ignored(std::span<const std::string_view> lines) {
    const auto text = seen_by_sshd(lines.front());
    if (const auto head = armor_head(text))
        return explain_armor(*head, lines);
    if (auto wrapped = unwrap(lines))
        return ignored(Ignored::wrapped, std::move(wrapped->second), wrapped->first);
    if (auto disguised = explain_disguised(text))
        return std::move(*disguised);
    const auto typed = find_type(text);
    if (typed && typed->at == 0)
        return explain_typed(*typed);
    if (const auto at = find_key(text)) { // words before it that are no options
        auto listed = ignored(Ignored::unknown_option, key_in(text.substr(*at)));
        listed.problem = seen_by_sshd(text.substr(0, *at));
        return listed;
    }
    if (typed)
        return explain_typed(*typed);
    return ignored(Ignored::not_a_key);
}

} // namespace sshpermd
