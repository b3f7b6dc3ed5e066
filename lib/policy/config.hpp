// Config: what an administrator can decide, with the built-in policy as its defaults.
#pragma once

#include "policy/account.hpp"
#include "policy/mode.hpp"
#include "policy/target.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// What is right for one target.
struct Rule {
    Mode mode;
    std::vector<Mode> accept; ///< further modes that are no drift
    bool accept_sshd = false; ///< whatever sshd's StrictModes accepts is no drift
    bool ignore = false;      ///< never looked at

    friend bool operator==(const Rule&, const Rule&) = default;
};

/// The rules below a home, for one account.
struct AccountPolicy {
    Rule home{Mode{0700}, {}, false, false};
    Rule ssh_dir{Mode{0700}, {}, false, false};
    Rule authorized_keys{Mode{0600}, {}, false, false};
    Rule private_key{Mode{0600}, {Mode{0400}}, false, false};
    Rule ssh_config{Mode{0600}, {Mode{0400}, Mode{0640}, Mode{0644}}, false, false};
    bool ignore = false; ///< the whole account

    /// Pre: target is not home_root, which belongs to no account.
    const Rule& rule(Target target) const;
    Rule& rule(Target target);

    friend bool operator==(const AccountPolicy&, const AccountPolicy&) = default;
};

struct Override {
    std::vector<std::string> users; ///< globs on the account's name
    AccountPolicy policy;           ///< whole: the general policy with this override laid over it

    friend bool operator==(const Override&, const Override&) = default;
};

enum class Operation { repair, observe };

/// As "mode" of the configuration has it.
std::string_view word(Operation operation);

/// What happens to keys that somebody else could have written while modes were wrong.
enum class OnExposed {
    first,    ///< trusted in the first round that sees the account on this machine, else withheld
    repair,   ///< always trusted
    withhold, ///< never trusted unless known
};

/// A machine need not have it: then only root may ask.
inline constexpr const char* default_socket_group = "sshperm";

struct Config {
    Operation operation = Operation::repair;
    std::vector<std::string> home_roots{"/home"};

    struct Users {
        std::vector<std::string> include{"*"};
        std::vector<std::string> exclude;
        std::optional<uid_t> min_uid; ///< nothing: UID_MIN of login.defs
        bool root = false;            ///< /root is a home, too

        friend bool operator==(const Users&, const Users&) = default;
    } users;

    Rule home_root{Mode{0755}, {}, false, false};
    std::string home_root_group = "root"; ///< its owner is always root

    AccountPolicy policy;
    std::vector<Override> overrides; ///< the first whose glob matches decides

    /// Names of key files inside .ssh, in sshd's order.
    std::vector<std::string> key_files{"authorized_keys", "authorized_keys2"};

    bool private_keys = false;  ///< Target::private_key is looked after
    bool client_config = false; ///< Target::ssh_config is

    OnExposed on_exposed = OnExposed::first;

    std::chrono::seconds rescan_interval{300};
    std::chrono::seconds poll_interval{60};

    struct Flap {
        unsigned burst = 10;
        std::chrono::milliseconds window{60'000};
        std::chrono::milliseconds max_delay{5'000};

        friend bool operator==(const Flap&, const Flap&) = default;
    } flap;

    /// Where the daemon answers, and whose members may ask besides root.
    struct Socket {
        std::string path = "/run/sshpermd/sshpermd.sock";
        std::string group = default_socket_group;

        friend bool operator==(const Socket&, const Socket&) = default;
    } socket;

    std::string log_level = "info"; ///< a level of spdlog

    /// Is the account one that this configuration speaks of, and not ignored?
    const AccountPolicy& policy_for(std::string_view user) const;
    bool includes(std::string_view user) const;

    friend bool operator==(const Config&, const Config&) = default;
};

/// A configuration that cannot be used. what() says where (file, line, JSON pointer), what is
/// wrong, and what is allowed there.
class ConfigError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Reads one configuration file: JSON with comments. `file` is only named in errors.
/// Every key is optional. Throws ConfigError; the caller's configuration is untouched then.
Config parse_config(std::string_view text, std::string_view file);

/// The configuration in full, as `sshpermctl config show` prints it; parses back to the same value.
std::string to_text(const Config& config);

} // namespace sshpermd
