#include "keys/key_options.hpp"

#include "policy/letters.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sshpermd {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool begins_with(std::string_view text, std::string_view word) {
    return is_word(text.substr(0, word.size()), word);
}

bool is_all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

struct Flag {
    std::string_view name;
    bool can_be_negated;
};
constexpr std::array<Flag, 9> flags{{{"restrict", false},
                                     {"cert-authority", false},
                                     {"port-forwarding", true},
                                     {"agent-forwarding", true},
                                     {"x11-forwarding", true},
                                     {"touch-required", true},
                                     {"verify-required", true},
                                     {"pty", true},
                                     {"user-rc", true}}};
constexpr std::array<std::string_view, 8> settings{"command",      "principals",  "from",
                                                   "expiry-time",  "environment", "permitopen",
                                                   "permitlisten", "tunnel"};

/// misc.c parse_absolute_time(): a date, or a date and a time with or without seconds; UTC when it
/// says so (from OpenSSH 9.1 on).
std::optional<std::string> parse_time(std::string_view text) {
    bool is_utc = false;
    for (const std::string_view zone : {"z", "utc"})
        if (!is_utc && text.size() > zone.size() &&
            is_word(text.substr(text.size() - zone.size()), zone)) {
            is_utc = true;
            text.remove_suffix(zone.size());
        }
    if ((text.size() != 8 && text.size() != 12 && text.size() != 14) || !is_all_digits(text))
        return std::nullopt;
    std::string digits{text};
    digits.resize(14, '0');
    const auto part = [&](std::size_t at) {
        return (digits[at] - '0') * 10 + digits[at + 1] - '0';
    };
    const bool is_time = part(4) >= 1 && part(4) <= 12 && part(6) >= 1 && part(6) <= 31 &&
                         part(8) <= 23 && part(10) <= 59 && part(12) <= 60;
    return is_time ? std::optional{digits + (is_utc ? "Z" : "")} : std::nullopt;
}

bool is_environment(std::string_view text) {
    const auto name = text.substr(0, text.find('='));
    return name.size() < text.size() && !name.empty() &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_port(std::string_view text) {
    if (text == "*")
        return true;
    unsigned port = 0;
    const auto* const end = text.data() + text.size();
    if (is_all_digits(text))
        return std::from_chars(text.data(), end, port).ptr == end && port >= 1 && port <= 65535;
    return !text.empty() && is_letter(text.front()); // of a service, for all we know
}

/// "host:port", "[address]:port", "host/port".
bool is_host_and_port(std::string_view text) {
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == std::string_view::npos)
            return false;
        ++end;
    } else {
        end = text.find_first_of(":/");
    }
    return end < text.size() && (text[end] == ':' || text[end] == '/') &&
           is_port(text.substr(end + 1));
}

/// permitlisten takes a port alone.
std::string with_host(const std::string& text) {
    return text.find(':') == std::string::npos ? "*:" + text : text;
}

/// misc.c a2tun() without a remote end: "any", or a number.
bool is_tunnel(std::string_view text) {
    constexpr std::string_view most = "2147483645";
    return is_word(text, "any") ||
           (is_all_digits(text) &&
            (text.size() < most.size() || (text.size() == most.size() && text <= most)));
}

class Parser {
  public:
    explicit Parser(std::string_view text) : rest_(text) {}

    KeyOptions parse() {
        while (!rest_.empty() && result_.problem.empty()) {
            const auto option = rest_;
            if (!take_flag())
                take_setting();
            if (result_.problem.empty() && !rest_.empty() && rest_.front() != ',')
                fail("unknown key option");
            if (!result_.problem.empty())
                result_.culprit = option.substr(0, option.find_first_of("=,"));
            else if (!rest_.empty())
                rest_.remove_prefix(1); // a comma; sshd lets one end the options, too
        }
        return std::move(result_);
    }

  private:
    void fail(const char* problem) {
        if (result_.problem.empty())
            result_.problem = problem;
    }

    bool take_flag() {
        for (const auto& flag : flags) {
            const std::size_t no = flag.can_be_negated && begins_with(rest_, "no-") ? 3 : 0;
            if (!begins_with(rest_.substr(no), flag.name))
                continue;
            rest_.remove_prefix(no + flag.name.size());
            result_.is_authority = result_.is_authority || flag.name == "cert-authority";
            return true;
        }
        return false;
    }

    void take_setting() {
        for (std::size_t i = 0; i < settings.size(); ++i) {
            const auto name = settings[i];
            if (!begins_with(rest_, name) || rest_.substr(name.size(), 1) != "=")
                continue;
            rest_.remove_prefix(name.size() + 1);
            if (i < 3 && seen_[i])
                return fail_as_multiple(name);
            seen_[i] = true;
            if (const auto value = take_quoted())
                check(name, *value);
            return;
        }
    }

    void fail_as_multiple(std::string_view name) {
        result_.problem = "multiple \"" + std::string{name} + "\" clauses";
    }

    std::optional<std::string> take_quoted() {
        if (rest_.empty() || rest_.front() != '"') {
            fail("missing start quote");
            return std::nullopt;
        }
        std::string value;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return value;
            }
            if (rest_[i] == '\\' && rest_.substr(i + 1, 1) == "\"")
                ++i;
            value.push_back(rest_[i]);
        }
        fail("missing end quote");
        return std::nullopt;
    }

    void check(std::string_view name, const std::string& value) {
        if (name == "environment" && !is_environment(value))
            fail("invalid environment string");
        else if (name == "tunnel" && !is_tunnel(value))
            fail("invalid tun device");
        else if ((name == "permitopen" && !is_host_and_port(value)) ||
                 (name == "permitlisten" && !is_host_and_port(with_host(value))))
            fail("invalid permission port");
        else if (name == "expiry-time")
            note_expiry(value);
        else if (name == "command")
            result_.has_command = true;
        else if (name == "from")
            result_.from = value;
    }

    void note_expiry(const std::string& value) {
        auto expiry = parse_time(value);
        if (!expiry)
            fail("invalid expires time");
        else if (!result_.expiry || *expiry < *result_.expiry)
            result_.expiry = std::move(expiry);
    }

    std::string_view rest_;
    KeyOptions result_;
    std::array<bool, settings.size()> seen_{};
};

} // namespace

KeyOptions parse_key_options(std::string_view options) { return Parser{options}.parse(); }

bool is_expired(const std::string& expiry, const ClockDigits& now) {
    return expiry.ends_with('Z') ? expiry.substr(0, 14) < now.utc : expiry < now.local;
}

} // namespace sshpermd
