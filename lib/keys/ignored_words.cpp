#include "keys/ignored_words.hpp"

#include <string_view>

namespace sshpermd {
namespace {

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

} // namespace

std::string why_ignored(const ListedKey& listed) {
    if (!listed.ignored)
        return {};
    std::string text{explanation(*listed.ignored)};
    return listed.problem.empty() ? text : text + ": \"" + listed.problem + "\"";
}

} // namespace sshpermd
