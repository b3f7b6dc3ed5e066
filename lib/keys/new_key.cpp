#include "keys/new_key.hpp"

#include "keys/base64.hpp"

#include <algorithm>
#include <iterator>

namespace sshpermd {
namespace {

/// A file's own words: no byte of it begins another line.
std::string without_controls(std::string_view comment) {
    std::string clean;
    std::copy_if(comment.begin(), comment.end(), std::back_inserter(clean),
                 [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
    clean.erase(0, clean.find_first_not_of(' '));
    clean.resize(clean.find_last_not_of(' ') + 1);
    return clean;
}

/// As sshd would read it there: the last word on every line.
std::variant<NewKey, NoNewKey> judged(std::string line, KeyFormat format, const KeyRules& rules) {
    auto listed = list_keys(line, rules);
    if (listed.size() != 1)
        return NoNewKey{format, false, listed.size(), std::nullopt};
    auto& one = listed.front();
    if (one.ignored || !one.key || one.key->is_certificate)
        return NoNewKey{format, false, 1, std::move(one)};
    return NewKey{std::move(*one.key), one.options, one.comment, std::move(line)};
}

} // namespace

std::string public_line(const PublicKey& key, const std::string& comment) {
    return key.type + " " + encode_base64(key.blob) + (comment.empty() ? "" : " " + comment);
}

std::variant<NewKey, NoNewKey> new_key_of(std::string_view text, const KeyRules& rules) {
    auto reading = read_key(text, rules);
    if (reading.is_private || reading.format == KeyFormat::certificate ||
        reading.format == KeyFormat::utf16)
        return NoNewKey{reading.format, reading.is_private, 0, std::nullopt};
    if (reading.format != KeyFormat::openssh_public &&
        reading.format != KeyFormat::authorized_keys) {
        if (!reading.key)
            return NoNewKey{reading.format, false, 0, std::nullopt};
        return judged(public_line(*reading.key, without_controls(reading.comment)), reading.format,
                      rules);
    }
    if (reading.lines.size() != 1)
        return NoNewKey{reading.format, false, reading.lines.size(), std::nullopt};
    auto& only = reading.lines.front();
    if (only.ignored || !only.key || only.key->is_certificate)
        return NoNewKey{reading.format, only.ignored == Ignored::private_key, 1, std::move(only)};
    const auto options = only.options.empty() ? "" : only.options + " ";
    return judged(options + public_line(*only.key, without_controls(only.comment)), reading.format,
                  rules);
}

std::string_view word(const NoNewKey& problem) {
    if (problem.is_private)
        return "private_key";
    if (problem.ignored && problem.ignored->ignored)
        return word(*problem.ignored->ignored);
    if (problem.ignored)
        return word(Ignored::certificate);
    if (problem.keys > 1)
        return "several_keys";
    switch (problem.format) {
    case KeyFormat::certificate: return word(Ignored::certificate);
    case KeyFormat::utf16: return word(Ignored::utf16);
    default: return word(Ignored::not_a_key);
    }
}

Presence presence_of(std::string_view key_file, const NewKey& key, const KeyRules& rules) {
    for (const auto& listed : list_keys(key_file, rules))
        if (!listed.ignored && listed.key && listed.key->blob == key.key.blob)
            return {listed.first_line, listed.options == key.options};
    return {};
}

std::string with_key(std::string_view key_file, const NewKey& key) {
    std::string text{key_file};
    if (!text.empty() && text.back() != '\n')
        text += '\n';
    return text + key.line + '\n';
}

} // namespace sshpermd
