// The options before a key of authorized_keys, read as sshd reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

struct KeyOptions {
    /// In sshd's own words; empty when it takes them all. It ignores the whole line otherwise.
    std::string problem;
    std::string culprit; ///< the option that it is about
    bool is_authority = false;
    bool has_command = false;        ///< command=
    std::optional<std::string> from; ///< the hosts that it may come from: sshd's list of patterns
    /// The earliest expiry-time: 14 digits, and "Z" when it is meant in UTC.
    std::optional<std::string> expiry;
};

/// The rules of auth-options.c sshauthopt_parse() of OpenSSH. A name of a service in permitopen and
/// permitlisten passes for a port.
KeyOptions parse_key_options(std::string_view options);

/// What a clock says, in 14 digits.
struct ClockDigits {
    std::string local;
    std::string utc;
};

bool is_expired(const std::string& expiry, const ClockDigits& now);

} // namespace sshpermd
