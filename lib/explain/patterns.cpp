#include "explain/patterns.hpp"

#include "policy/fields.hpp"
#include "policy/letters.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace sshpermd {
namespace {

constexpr std::size_t longest_pattern = 1023; // of a list; sshd gives up on longer ones

struct Address {
    std::array<std::uint8_t, 16> bytes{};
    unsigned bits = 0; ///< 32 or 128
};

std::optional<Address> address_of(const std::string& text) {
    Address address;
    if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1)
        address.bits = 32;
    else if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1)
        address.bits = 128;
    return address.bits != 0 ? std::optional{address} : std::nullopt;
}

bool has_bit(const Address& address, unsigned bit) {
    return (unsigned{address.bytes.at(bit / 8)} >> (7 - bit % 8) & 1U) != 0;
}

bool same_bits(const Address& a, const Address& b, unsigned count) {
    for (unsigned bit = 0; bit < count; ++bit)
        if (has_bit(a, bit) != has_bit(b, bit))
            return false;
    return true;
}

enum class Network { contains, other, invalid, none };

/// addr_pton_cidr() and addr_netmatch(): without a length it is one host; bits behind the length
/// make it invalid.
Network look_in_network(const std::optional<Address>& address, std::string_view text) {
    const auto slash = text.find('/');
    const auto network = address_of(std::string{text.substr(0, slash)});
    if (!network)
        return Network::none;
    unsigned length = network->bits;
    if (slash != std::string_view::npos) {
        const auto given = decimal(text.substr(slash + 1));
        if (!given)
            return Network::none;
        if (*given > network->bits)
            return Network::none;
        length = static_cast<unsigned>(*given);
    }
    for (unsigned bit = length; bit < network->bits; ++bit)
        if (has_bit(*network, bit))
            return Network::invalid;
    return address && address->bits == network->bits && same_bits(*address, *network, length)
               ? Network::contains
               : Network::other;
}

/// Could it be the name of a host, and no address?
bool names_a_host(std::string_view patterns) {
    while (!patterns.empty()) {
        auto pattern = take_field(patterns, ",");
        if (pattern.starts_with('!'))
            pattern.remove_prefix(1);
        if (look_in_network(std::nullopt, pattern) == Network::none &&
            pattern.find_first_not_of("0123456789.:*?") != std::string_view::npos)
            return true;
    }
    return false;
}

} // namespace

bool matches(std::string_view text, std::string_view pattern) {
    std::size_t at = 0;
    std::size_t in_pattern = 0;
    std::optional<std::size_t> star;
    std::size_t after_star = 0;
    while (at < text.size()) {
        const char wanted = in_pattern < pattern.size() ? pattern[in_pattern] : '\0';
        if (wanted == '*') {
            star = in_pattern++;
            after_star = at;
        } else if (wanted == '?' || (wanted == text[at] && in_pattern < pattern.size())) {
            ++at;
            ++in_pattern;
        } else if (star) {
            in_pattern = *star + 1;
            at = ++after_star;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

int match_list(std::string_view text, std::string_view patterns) {
    bool found = false;
    while (!patterns.empty()) {
        auto pattern = take_field(patterns, ",");
        const bool negated = pattern.starts_with('!');
        if (negated)
            pattern.remove_prefix(1);
        if (pattern.size() > longest_pattern)
            return 0;
        if (!matches(text, pattern))
            continue;
        if (negated)
            return -1;
        found = true;
    }
    return found ? 1 : 0;
}

int match_addresses(const std::string& address, std::string_view patterns) {
    const auto numeric = address_of(address);
    if (!numeric)
        return 0;
    int result = 0;
    bool more = true;
    while (more) {
        const auto comma = patterns.find(',');
        more = comma != std::string_view::npos;
        auto pattern = patterns.substr(0, comma);
        patterns.remove_prefix(more ? comma + 1 : patterns.size());
        const bool negated = pattern.starts_with('!');
        if (negated)
            pattern.remove_prefix(1);
        if (pattern.empty())
            return -2;
        const auto network = look_in_network(numeric, pattern);
        if (network == Network::invalid)
            return -2;
        if (network == Network::other || (network == Network::none && !matches(address, pattern)))
            continue;
        if (negated)
            return -1;
        result = 1;
    }
    return result;
}

Match match_host(const Client& client, std::string_view patterns) {
    if (!client.address)
        return Match::cannot_tell;
    const auto by_address = match_addresses(*client.address, patterns);
    if (by_address == -2)
        return Match::invalid;
    if (by_address == -1)
        return Match::no;
    if (client.name_is_looked_up && names_a_host(patterns))
        return Match::cannot_tell;
    const auto by_name = match_list(lowered(*client.address), lowered(patterns));
    if (by_name == -1)
        return Match::no;
    return by_address == 1 || by_name == 1 ? Match::yes : Match::no;
}

Match match_user(std::string_view user, const Client& client, std::string_view pattern) {
    const auto at = pattern.find('@');
    if (!matches(user, pattern.substr(0, at)))
        return Match::no;
    return at == std::string_view::npos ? Match::yes : match_host(client, pattern.substr(at + 1));
}

} // namespace sshpermd
