#include "key_words.hpp"

#include "event/text.hpp"
#include "keys/base64.hpp"
#include "keys/fingerprint.hpp"

#include <algorithm>
#include <ostream>

namespace sshpermd {
namespace {

using Json = nlohmann::ordered_json;

std::string_view explanation(Ignored why) {
    switch (why) {
    case Ignored::private_key:
        return "a private key: here belongs its public half (ssh-keygen -y -f FILE). Take it out, "
               "and "
               "as others may have seen it, make a new pair";
    case Ignored::ppk:
        return "a private key of PuTTY's: here belongs its public half (puttygen FILE -O "
               "public-openssh). Take it out, and as others may have seen it, make a new pair";
    case Ignored::pem:
        return "in PEM, which sshd does not read: ssh-keygen -i -m PKCS8 -f FILE converts it";
    case Ignored::rfc4716:
        return "a public key in RFC 4716's format, which sshd does not read: ssh-keygen -i -f FILE "
               "converts it";
    case Ignored::der: return "in DER, which sshd does not read";
    case Ignored::utf16:
        return "text of 16-bit characters (UTF-16), as some Windows programs write it: iconv -f "
               "UTF-16 -t UTF-8 FILE converts it";
    case Ignored::nul_byte: return "a NUL byte, at which the line ends for sshd";
    case Ignored::byte_order_mark:
        return "three bytes before the key that no editor shows (a byte order mark): sed -i "
               "'1s/^\\xEF\\xBB\\xBF//' FILE takes them out";
    case Ignored::quoted: return "in quotes: take them away";
    case Ignored::wrong_case: return "the key's type is in lower case only";
    case Ignored::no_type: return "the key's type is missing before it";
    case Ignored::type_differs: return "the type before the key is not the key's own";
    case Ignored::wrapped: return "one key on several lines: join them, without blanks";
    case Ignored::joined: return "two keys on one line: each needs a line of its own";
    case Ignored::truncated: return "the key ends too early: paste it again, all of it";
    case Ignored::malformed: return "not the bytes of a key: paste it again";
    case Ignored::certificate:
        return "a certificate, which the client shows; here belongs the key of its CA, after "
               "cert-authority";
    case Ignored::dsa: return "DSA, which sshd no longer accepts: make an Ed25519 key";
    case Ignored::short_rsa:
        return "an RSA key shorter than sshd accepts (RequiredRSASize): make an Ed25519 key";
    case Ignored::unknown_option: return "words before the key that are no option of sshd's";
    case Ignored::bad_option: return "an option that sshd does not understand";
    case Ignored::expired: return "the key has expired (expiry-time)";
    case Ignored::not_a_key: return "neither a key nor a comment";
    }
    return "";
}

std::string lines_text(const ListedKey& listed) {
    const auto first = std::to_string(listed.first_line);
    return listed.first_line == listed.last_line
               ? "line " + first
               : "lines " + first + "-" + std::to_string(listed.last_line);
}

template <typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

} // namespace

std::string why_ignored(const ListedKey& listed) {
    if (!listed.ignored)
        return {};
    std::string text{explanation(*listed.ignored)};
    return listed.problem.empty() ? text : text + ": \"" + listed.problem + "\"";
}

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

std::string dump(const Json& json) {
    return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

} // namespace sshpermd
