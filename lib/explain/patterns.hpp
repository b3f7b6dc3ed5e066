// Patterns: names, hosts and addresses as sshd matches them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// "*" and "?", and nothing else (match.c match_pattern() of OpenSSH).
bool matches(std::string_view text, std::string_view pattern);

/// Patterns with commas between them, "!" before one excludes (match.c match_pattern_list()): 1
/// matches, 0 does not, -1 is excluded.
int match_list(std::string_view text, std::string_view patterns);

/// The same for an address, with networks such as 10.0.0.0/8 (addrmatch.c addr_match_list()); -2
/// for a network that is none.
int match_addresses(const std::string& address, std::string_view patterns);

/// What of a client is known: nothing at all, its address, and its name unless sshd does not ask.
struct Client {
    std::optional<std::string> address;
    bool name_is_looked_up = false; ///< UseDNS yes; else sshd takes the address for its name
};

enum class Match { yes, no, invalid, cannot_tell };

/// match.c match_host_and_ip(): the client against the patterns of from= or behind an "@".
Match match_host(const Client& client, std::string_view patterns);

/// match.c match_user(): USER, or USER@HOST, of AllowUsers and DenyUsers.
Match match_user(std::string_view user, const Client& client, std::string_view pattern);

} // namespace sshpermd
