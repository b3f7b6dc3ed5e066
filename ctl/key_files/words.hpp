// Key words: keys and what is wrong with them, for a person and for a program.
#pragma once

#include "keys/key_file.hpp"
#include "keys/key_list.hpp"

#include <nlohmann/json.hpp>

#include <iosfwd>
#include <string>

namespace sshpermd {

/// How many lines of a list sshd ignores.
std::size_t count_ignored(const std::vector<ListedKey>& keys);

/// "ED25519 256"; then the fingerprints, each in a line of its own.
void print_key(std::ostream& out, const PublicKey& key, const std::string& indent);

/// Each line of a list, with what is wrong with it.
void print_listed(std::ostream& out, const std::vector<ListedKey>& keys);

nlohmann::ordered_json json_of(const PublicKey& key);
nlohmann::ordered_json json_of(const ListedKey& listed);

} // namespace sshpermd
