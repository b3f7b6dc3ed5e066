#include "reconcile/query.hpp"

#include "event/text.hpp"
#include "policy/fields.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>

namespace sshpermd {
namespace {

constexpr std::string_view base16 = "0123456789ABCDEF";

[[noreturn]] void reject(const std::string& problem) {
    throw RequestError("the request: " + problem);
}

void require_known(const RequestTarget& target, std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : target.query) {
        if (std::find(known.begin(), known.end(), key) != known.end())
            continue;
        std::string allowed;
        for (const auto word : known)
            allowed += (allowed.empty() ? "" : ", ") + std::string{word};
        reject("unknown \"" + printable(key.substr(0, 40)) + "\" in the query; there are " +
               allowed);
    }
}

std::string value_of(const RequestTarget& target, const std::string& key) {
    const auto found = target.query.find(key);
    return found == target.query.end() ? std::string{} : found->second;
}

bool asks_to_follow(const RequestTarget& target) {
    const auto follow = value_of(target, "follow");
    if (!follow.empty() && follow != "1")
        reject("\"follow\" is 1, or not there");
    return !follow.empty();
}

std::optional<unsigned> digit_of(char c) {
    const auto at = base16.find(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    return at == std::string_view::npos ? std::nullopt : std::optional{static_cast<unsigned>(at)};
}

/// Has a text digits where the pattern has a 0, and the same wherever it has not?
bool has_form(std::string_view text, std::string_view pattern, bool is_base16 = false) {
    if (text.size() != pattern.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (pattern[i] != '0' ? text[i] != pattern[i]
                              : !is_digit && !(is_base16 && text[i] >= 'a' && text[i] <= 'f'))
            return false;
    }
    return true;
}

/// Of RFC 3339 in UTC, with microseconds: moments compare as texts then. Nothing for another text.
std::optional<std::string> exact_time(std::string_view text) {
    constexpr std::string_view seconds = "0000-00-00T00:00:00";
    if (!text.ends_with('Z') || !has_form(text.substr(0, seconds.size()), seconds))
        return std::nullopt;
    auto fraction = text.substr(seconds.size());
    fraction.remove_suffix(1);
    constexpr std::size_t most_digits = 6;
    if (!fraction.empty() && (fraction.front() != '.' || fraction.size() < 2 ||
                              fraction.size() > 1 + most_digits || !decimal(fraction.substr(1))))
        return std::nullopt;
    auto exact = std::string{text.substr(0, seconds.size())} +
                 (fraction.empty() ? "." : std::string{fraction});
    exact.append(seconds.size() + 1 + most_digits - exact.size(), '0');
    return exact + "Z";
}

} // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size())
            return std::nullopt;
        const auto high = digit_of(text[i + 1]);
        const auto low = digit_of(text[i + 2]);
        if (!high || !low || *high + *low == 0)
            return std::nullopt;
        decoded += static_cast<char>(*high * base16.size() + *low);
        i += 2;
    }
    return decoded;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view plain = "-._~";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || plain.find(c) != std::string_view::npos;
        if (is_plain)
            encoded += c;
        else
            (encoded += '%').append({base16[byte / base16.size()], base16[byte % base16.size()]});
    }
    return encoded;
}

RequestTarget take_apart(std::string_view target) {
    RequestTarget parts;
    const auto mark = target.find('?');
    parts.path = target.substr(0, mark);
    if (mark == std::string_view::npos)
        return parts;
    auto query = target.substr(mark + 1);
    while (!query.empty()) {
        auto value = take_field(query, "&");
        const bool has_value = value.find('=') != std::string_view::npos;
        const auto key = percent_decoded(take_field(value, "="));
        auto decoded = percent_decoded(value);
        if (!has_value || !key || key->empty() || !decoded)
            reject("behind the \"?\" stands KEY=VALUE, more of them after a \"&\"");
        if (!parts.query.emplace(*key, std::move(*decoded)).second)
            reject("\"" + printable(key->substr(0, 40)) + "\" comes twice in the query");
    }
    return parts;
}

UserQuery parse_user_query(const RequestTarget& target) {
    require_known(target, {"state", "after"});
    UserQuery query;
    query.after = value_of(target, "after");
    const auto state = value_of(target, "state");
    std::string known;
    for (std::size_t i = 0; i < user_states && !state.empty(); ++i) {
        const auto one = static_cast<UserState>(i);
        known += (known.empty() ? "" : ", ") + std::string{word(one)};
        if (word(one) == state)
            query.state = one;
    }
    if (!state.empty() && !query.state)
        reject("there is no state \"" + printable(state.substr(0, 40)) + "\"; there are " + known);
    return query;
}

EventQuery parse_event_query(const RequestTarget& target) {
    require_known(target, {"since", "limit", "follow"});
    EventQuery query;
    if (const auto since = value_of(target, "since"); !since.empty()) {
        constexpr std::string_view uuid = "00000000-0000-0000-0000-000000000000";
        const auto time = exact_time(since);
        if (time)
            query.since_time = *time;
        else if (has_form(since, uuid, true))
            query.since_id = since;
        else
            reject("\"since\" is the id of an event, or a time such as 2026-11-21T09:00:00Z");
    }
    if (const auto limit = value_of(target, "limit"); !limit.empty()) {
        const auto number = decimal(limit);
        if (!number || *number > EventQuery::most)
            reject("\"limit\" is a number of at most 1000");
        query.limit = *number;
    }
    query.follow = asks_to_follow(target);
    return query;
}

RepairQuery parse_repair_query(const RequestTarget& target) {
    require_known(target, {"follow"});
    return {asks_to_follow(target)};
}

} // namespace sshpermd
