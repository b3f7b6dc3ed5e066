// One line of an authorized_keys file, read as sshd reads it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sshpermd {

/// What some editors put before a text, in UTF-8; to sshd it is a part of the first word.
inline constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

/// A line that sshd would take for a key.
struct KeyLine {
    std::string_view options; ///< empty without any
    std::string_view type;    ///< "ssh-ed25519"
    std::string blob;         ///< the public key, decoded
    std::string_view comment;
};

struct BlankLine {};
struct CommentLine {};
/// What sshd skips without a word.
struct OtherLine {};

using KeyFileLine = std::variant<BlankLine, CommentLine, KeyLine, OtherLine>;

/// Reads one line without its newline. The views refer into `line`. The rules are those of
/// auth2-pubkeyfile.c auth_check_authkey_line() and sshkey.c sshkey_read() of OpenSSH: options end
/// at the first space outside of double quotes, the decoded key begins with its own type.
KeyFileLine parse_key_line(std::string_view line);

/// Is this, in this case, the type of a key that sshd knows, or knew?
bool is_key_type(std::string_view word);

/// Where in a text the type of a key, with a blank after it, begins, whatever stands before it.
std::optional<std::size_t> find_key_type(std::string_view text);

/// Every line of a file, without newlines; a last line without one counts.
std::vector<std::string_view> lines_of(std::string_view text);

/// Is this nothing but a key file: every line blank, a comment or a key, and no NUL? The gate that
/// keeps a secret, moved into its place, from being handed to the account.
bool is_key_file(std::string_view text);

} // namespace sshpermd
