#include "key_files/words.hpp"

#include "event/text.hpp"
#include "keys/base64.hpp"
#include "keys/fingerprint.hpp"
#include "keys/ignored_words.hpp"
#include "policy/json_text.hpp"

#include <algorithm>
#include <ostream>

namespace sshpermd {
namespace {

std::string lines_text(const ListedKey& listed) {
    const auto first = std::to_string(listed.first_line);
    return listed.first_line == listed.last_line
               ? "line " + first
               : "lines " + first + "-" + std::to_string(listed.last_line);
}

} // namespace

std::size_t count_ignored(const std::vector<ListedKey>& keys) {
    return static_cast<std::size_t>(std::count_if(
        keys.begin(), keys.end(), [](const ListedKey& key) { return key.ignored.has_value(); }));
}

void print_key(std::ostream& out, const PublicKey& key, const std::string& indent) {
    out << indent << word(key.kind) << (key.is_certificate ? "-CERT " : " ") << key.bits << " "
        << sha256_fingerprint(key.blob) << '\n';
    if (const auto md5 = md5_fingerprint(key.blob))
        out << indent << *md5 << '\n';
    if (const auto ec2 = ec2_fingerprint(key))
        out << indent << "in EC2's console" << (key.kind == KeyKind::rsa ? ", if imported: " : ": ")
            << *ec2 << '\n';
}

void print_listed(std::ostream& out, const std::vector<ListedKey>& keys) {
    for (const auto& listed : keys) {
        out << "  " << lines_text(listed);
        if (!listed.comment.empty())
            out << "  " << printable(listed.comment);
        out << '\n';
        if (listed.ignored)
            out << "    IGNORED: " << printable(why_ignored(listed)) << '\n';
        if (listed.is_authority && !listed.ignored)
            out << "    a CA: lets in who shows a certificate of its\n";
        if (listed.key)
            print_key(out, *listed.key, "    ");
        if (!listed.options.empty())
            out << "    options: " << printable(listed.options) << '\n';
    }
}

Json json_of(const PublicKey& key) {
    return {{"type", key.type},
            {"kind", word(key.kind)},
            {"certificate", key.is_certificate},
            {"bits", key.bits},
            {"sha256", sha256_fingerprint(key.blob)},
            {"md5", or_null(md5_fingerprint(key.blob))},
            {"ec2", or_null(ec2_fingerprint(key))}};
}

Json json_of(const ListedKey& listed) {
    return {{"line", listed.first_line},
            {"last_line", listed.last_line},
            {"verdict", listed.ignored        ? "ignored"
                        : listed.is_authority ? "authority"
                                              : "accepted"},
            {"reason", listed.ignored ? Json(word(*listed.ignored)) : Json(nullptr)},
            {"why", listed.ignored ? Json(why_ignored(listed)) : Json(nullptr)},
            {"key", listed.key ? json_of(*listed.key) : Json(nullptr)},
            {"options", listed.options},
            {"comment", listed.comment}};
}

} // namespace sshpermd
