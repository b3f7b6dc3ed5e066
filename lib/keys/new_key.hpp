// New key: a key as somebody hands it in, and the one line that it becomes in a key file.
#pragma once

#include "keys/key_file.hpp"
#include "keys/key_list.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sshpermd {

/// A key that sshd would take.
struct NewKey {
    PublicKey key;
    std::string options;
    std::string comment;
    std::string line; ///< without its newline
};

/// Why nothing of it goes into a key file.
struct NoNewKey {
    KeyFormat format = KeyFormat::unknown;
    bool is_private = false;
    std::size_t keys = 0;             ///< more than one are somebody's list, not a key
    std::optional<ListedKey> ignored; ///< the line that sshd would ignore
};

/// What goes into a key file of a text in any format: a line of OpenSSH with its options, or the
/// line of a public key in RFC 4716's, PEM or DER. Nothing of a private key, though it has a public
/// half: whoever handed it in took one file for the other, and is to be told. Comments and blank
/// lines beside a line of OpenSSH are left out; control characters in a comment, too.
std::variant<NewKey, NoNewKey> new_key_of(std::string_view text, const KeyRules& rules);

/// One word, as in JSON, for a NoNewKey.
std::string_view word(const NoNewKey& problem);

/// "ssh-ed25519 AAAA…", the line that belongs into an authorized_keys file.
std::string public_line(const PublicKey& key, const std::string& comment);

/// Has a key file this key already?
struct Presence {
    std::size_t line = 0;      ///< from 1; 0: no
    bool same_options = false; ///< else sshd takes that line, as it stands there
    friend bool operator==(const Presence&, const Presence&) = default;
};

/// Of lines that sshd takes the first with this key; one that it ignores is none.
Presence presence_of(std::string_view key_file, const NewKey& key, const KeyRules& rules);

/// The file with the key in a line of its own behind everything else, of which no byte changes.
std::string with_key(std::string_view key_file, const NewKey& key);

} // namespace sshpermd
