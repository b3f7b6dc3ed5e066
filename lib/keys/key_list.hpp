// Key list: every line of an authorized_keys file that is to let somebody in, and why it does not
// where sshd ignores it, which it does without a word.
#pragma once

#include "keys/key_options.hpp"
#include "keys/public_key.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// Why sshd ignores a line.
enum class Ignored {
    private_key,     ///< of OpenSSH, PEM or PKCS#8
    ppk,             ///< PuTTY's private key
    pem,             ///< a public key or certificate of OpenSSL's
    rfc4716,         ///< a public key with "---- BEGIN SSH2"
    der,             ///< bytes of OpenSSL's
    utf16,           ///< text of 16-bit characters, as some Windows programs write it
    nul_byte,        ///< sshd's line ends there
    byte_order_mark, ///< three bytes before the key that no editor shows
    quoted,          ///< all of it in quotes
    wrong_case,      ///< of the key's type
    no_type,         ///< the base64 alone
    type_differs,    ///< another type than that of the key
    wrapped,         ///< the key goes on in the next line
    joined,          ///< with another key in one line
    truncated,       ///< the key ends too early
    malformed,       ///< its base64 or its bytes are none of a key
    certificate,     ///< which the client shows; here belongs its CA
    dsa,             ///< no longer accepted
    short_rsa,       ///< shorter than RequiredRSASize
    unknown_option,  ///< one that sshd does not know, or other words before the key
    bad_option,      ///< one with a value that sshd does not take
    expired,         ///< expiry-time is over
    not_a_key        ///< something else
};

/// As in JSON.
std::string_view word(Ignored why);

struct ListedKey {
    std::size_t first_line = 0; ///< from 1
    std::size_t last_line = 0;  ///< the same, unless what is ignored has several lines
    std::optional<PublicKey> key;
    std::string options;
    std::string comment;
    bool is_authority = false;      ///< the key of a CA, for certificates only
    std::optional<Ignored> ignored; ///< nothing when sshd takes it
    std::string problem;            ///< the option or the word it is about, where there is one
};

/// What, besides the file, decides.
struct KeyRules {
    unsigned required_rsa_bits = 1024; ///< RequiredRSASize of sshd_config, which is never less
    ClockDigits now;
};

/// Blank lines and comments are not listed. The order is that of the file.
std::vector<ListedKey> list_keys(std::string_view text, const KeyRules& rules);

} // namespace sshpermd
