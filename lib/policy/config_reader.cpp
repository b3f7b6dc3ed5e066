#include "policy/config.hpp"
#include "policy/config_json.hpp"
#include "policy/fields.hpp"
#include "policy/json_text.hpp"
#include "policy/spelling.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <utility>

// Turns a parsed document into a Config. Each read_* function takes the member it may find, and
// says what is allowed there when it finds something else.

namespace sshpermd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string shown(const Json& value) {
    auto text = one_line(value);
    if (text.size() > 40)
        text = text.substr(0, 37) + "...";
    return text;
}

/// One value of the document with the place it came from.
class Node {
  public:
    Node(const Json& value, std::string pointer, std::string_view file,
         const JsonDocument& document)
        : value_(value), pointer_(std::move(pointer)), file_(file), document_(document) {}

    const Json& value() const { return value_; }

    [[noreturn]] void fail(std::string_view problem) const {
        throw ConfigError(locate(file_, document_, pointer_, problem));
    }
    [[noreturn]] void expected(std::string_view what, std::string_view advice = {}) const {
        fail("expected " + std::string{what} + ", found " + shown(value_) + std::string{advice});
    }

    /// Pre-condition of every object: nothing in it that nobody would read.
    void only(std::initializer_list<std::string_view> known) const {
        if (!value_.is_object())
            expected("an object");
        for (const auto& item : value_.items()) {
            const auto& key = item.key();
            if (std::find(known.begin(), known.end(), key) != known.end())
                continue;
            const auto nearest = *std::min_element(known.begin(), known.end(), [&](auto a, auto b) {
                return edit_distance(key, a) < edit_distance(key, b);
            });
            std::string problem = "unknown key";
            if (edit_distance(key, nearest) <= std::max<std::size_t>(2, key.size() / 3))
                problem += "; did you mean " + shown(std::string{nearest}) + "?";
            problem += problem.back() == '?' ? " Known here:" : ". Known here:";
            for (const auto name : known)
                problem += " " + std::string{name};
            at(key, item.value()).fail(problem);
        }
    }

    template <typename Read>
    void member(const std::string& key, Read read) const {
        if (const auto found = value_.find(key); found != value_.end())
            read(at(key, *found));
    }

    template <typename Read>
    void each(std::string_view what, Read read) const {
        if (!value_.is_array())
            expected(what);
        for (std::size_t i = 0; i < value_.size(); ++i)
            read(at(std::to_string(i), value_[i]));
    }

  private:
    Node at(std::string_view key, const Json& member) const {
        return {member, deeper(pointer_, key), file_, document_};
    }

    const Json& value_;
    std::string pointer_;
    std::string_view file_;
    const JsonDocument& document_;
};

std::string read_string(const Node& node, std::string_view what) {
    if (!node.value().is_string())
        node.expected(what);
    return node.value().get<std::string>();
}

bool read_bool(const Node& node) {
    if (!node.value().is_boolean())
        node.expected("true or false");
    return node.value().get<bool>();
}

std::uint64_t read_number(const Node& node, std::uint64_t min, std::uint64_t max) {
    const auto what = "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    if (!node.value().is_number_unsigned())
        node.expected(what);
    const auto number = node.value().get<std::uint64_t>();
    if (number < min || number > max)
        node.expected(what);
    return number;
}

/// A bound, in the largest unit that keeps it whole; none is one of minutes.
std::string spell(milliseconds duration) {
    const auto ms = duration.count();
    if (ms % 3'600'000 == 0)
        return std::to_string(ms / 3'600'000) + "h";
    return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

/// "250ms", "30s", "5m" or "24h", between min and max.
milliseconds read_duration(const Node& node, milliseconds min, milliseconds max,
                           std::string_view example) {
    const auto what = "a duration such as \"" + std::string{example} + "\" (ms, s, m or h)";
    const auto text = read_string(node, what);
    const auto duration = duration_of(text);
    if (!duration)
        node.expected(what);
    if (*duration < min || *duration > max)
        node.fail("must be between " + spell(min) + " and " + spell(max) + ", found " +
                  shown(node.value()));
    return *duration;
}

std::vector<std::string> read_globs(const Node& node) {
    std::vector<std::string> globs;
    node.each("a list of user names or globs such as [\"web*\"]", [&](const Node& glob) {
        globs.push_back(read_string(glob, "a user name or a glob such as \"web*\""));
        if (globs.back().empty())
            glob.fail("an empty name matches nobody");
    });
    return globs;
}

Mode read_mode(const Node& node) {
    constexpr std::string_view what = "a mode as a string of octal digits such as \"0700\"";
    if (node.value().is_number_unsigned() && parse_mode(node.value().dump()))
        node.expected(what, "; write it as \"0" + node.value().dump() + "\"");
    const auto mode = parse_mode(read_string(node, what));
    if (!mode)
        node.expected(what);
    return *mode;
}

std::string_view spoken(Target target) {
    switch (target) {
    case Target::private_key: return "a private key";
    case Target::ssh_config: return "the client's configuration";
    default: return "a home root";
    }
}

std::string closer(Mode mode) { return "; without those bits it is \"" + to_string(mode) + "\""; }

/// What ssh(1) takes: authfile.c sshkey_perm_ok() and readconf.c read_config_file_depth() of
/// OpenSSH.
void check_client_mode(const Node& node, Target target, Mode mode) {
    constexpr unsigned needed = 0400;
    if (target == Target::private_key && mode.has(0077))
        node.fail("ssh refuses a private key that group or others have any right to" +
                  closer(mode & ~Mode{07077}));
    if (mode.has(0022))
        node.fail("ssh refuses a configuration that group or others may write" +
                  closer(mode & ~Mode{07022}));
    if (!mode.has(needed))
        node.fail("ssh could not read it: the owner needs at least " + to_string(Mode{needed}));
}

void read_accept(const Node& node, Rule& rule, Target target) {
    rule.accept.clear();
    rule.accept_sshd = false;
    node.each("a list of modes such as [\"0711\", \"0755\"]", [&](const Node& entry) {
        if (entry.value() == "sshd") {
            if (target == Target::home_root || is_client_side(target))
                entry.fail("sshd does not check " + std::string{spoken(target)} +
                           ": list modes here");
            rule.accept_sshd = true;
            return;
        }
        const auto mode = read_mode(entry);
        if (mode.has(0002))
            entry.fail("a mode that everybody may write cannot be accepted");
        if (is_client_side(target))
            check_client_mode(entry, target, mode);
        rule.accept.push_back(mode);
    });
}

/// The mode to repair to must be one with which sshd lets the account in.
void check_policy_mode(const Node& node, Target target, Mode mode) {
    if (is_client_side(target))
        check_client_mode(node, target, mode);
    else if (mode.has(0022))
        node.fail((target == Target::home_root
                       ? "nothing below a home root that others may write can be repaired safely"
                       : "sshd refuses what group or others may write") +
                  closer(mode & ~Mode{07022}));
    if (mode.has(07000))
        node.fail("set-id and sticky bits have no place in a policy; list them in \"accept\"");
    const unsigned needed = is_file(target) ? 0400U : 0500U;
    if (target != Target::home_root && (mode.bits() & needed) != needed)
        node.fail("sshd could not read the keys: the owner needs at least " +
                  to_string(Mode{needed}));
    if (target == Target::home_root && !mode.has(0001))
        node.fail("accounts could not reach their homes: others need to search it (0001)");
}

void read_rule_members(const Node& node, Rule& rule, Target target) {
    node.member("mode", [&](const Node& member) {
        rule.mode = read_mode(member);
        check_policy_mode(member, target, rule.mode);
    });
    node.member("accept", [&](const Node& member) { read_accept(member, rule, target); });
}

void read_rule(const Node& node, Rule& rule, Target target) {
    node.only({"mode", "accept"});
    read_rule_members(node, rule, target);
}

void read_home_root(const Node& node, Config& config) {
    node.only({"mode", "owner", "group", "accept"});
    read_rule_members(node, config.home_root, Target::home_root);
    node.member("owner", [](const Node& owner) {
        if (owner.value() != "root")
            owner.fail("a home root belongs to root: whoever owns it can replace every home");
    });
    node.member("group", [&](const Node& group) {
        config.home_root_group = read_string(group, "the name of a group");
    });
}

void read_policy(const Node& node, Config& config) {
    node.only({"home_root", "home", "ssh_dir", "authorized_keys", "private_key", "ssh_config"});
    node.member("home_root", [&](const Node& rule) { read_home_root(rule, config); });
    for (const auto target : targets_of_accounts)
        node.member(std::string{word(target)},
                    [&](const Node& rule) { read_rule(rule, config.policy.rule(target), target); });
}

void read_override_rule(const Node& node, Rule& rule, Target target) {
    node.only({"mode", "accept", "ignore"});
    read_rule_members(node, rule, target);
    node.member("ignore", [&](const Node& ignore) { rule.ignore = read_bool(ignore); });
}

Override read_override(const Node& node, const AccountPolicy& general) {
    node.only(
        {"users", "ignore", "home", "ssh_dir", "authorized_keys", "private_key", "ssh_config"});
    Override result{{}, general};
    node.member("users", [&](const Node& users) { result.users = read_globs(users); });
    if (result.users.empty())
        node.fail("an override needs \"users\": a list of names or globs");
    node.member("ignore", [&](const Node& ignore) { result.policy.ignore = read_bool(ignore); });
    for (const auto target : targets_of_accounts)
        node.member(std::string{word(target)}, [&](const Node& rule) {
            read_override_rule(rule, result.policy.rule(target), target);
        });
    return result;
}

void read_users(const Node& node, Config::Users& users) {
    node.only({"include", "exclude", "min_uid", "root"});
    node.member("include", [&](const Node& globs) { users.include = read_globs(globs); });
    node.member("exclude", [&](const Node& globs) { users.exclude = read_globs(globs); });
    node.member("min_uid", [&](const Node& uid) {
        if (!uid.value().is_null())
            users.min_uid = static_cast<uid_t>(read_number(uid, 1, 4'294'967'293));
    });
    node.member("root", [&](const Node& root) { users.root = read_bool(root); });
}

/// An absolute path as plain as it can be written.
bool is_plain_path(std::string_view path) {
    const auto ended = std::string{path} + "/";
    return path.starts_with('/') && path.find('\0') == std::string_view::npos &&
           ended.find("//") == std::string::npos && ended.find("/./") == std::string::npos &&
           ended.find("/../") == std::string::npos;
}

std::vector<std::string> read_home_roots(const Node& node) {
    std::vector<std::string> roots;
    node.each("a list of directories such as [\"/home\"]", [&](const Node& entry) {
        constexpr std::string_view what = "an absolute path such as \"/home\"";
        auto root = read_string(entry, what);
        while (root.size() > 1 && root.back() == '/')
            root.pop_back();
        if (!is_plain_path(root))
            entry.expected(what);
        if (std::find(roots.begin(), roots.end(), root) != roots.end())
            entry.fail("this home root is listed twice");
        roots.push_back(std::move(root));
    });
    if (roots.empty())
        node.fail("without a home root there is nothing to protect");
    return roots;
}

std::vector<std::string> read_key_files(const Node& node) {
    std::vector<std::string> names;
    node.each("a list of files such as [\".ssh/authorized_keys\"]", [&](const Node& entry) {
        constexpr std::string_view what =
            "a file directly in .ssh such as \".ssh/authorized_keys\"";
        const auto path = read_string(entry, what);
        constexpr std::string_view prefix = ".ssh/";
        const auto name = path.starts_with(prefix) ? path.substr(prefix.size()) : std::string{};
        if (name.empty() || name == "." || name == ".." || name.size() > 255 ||
            name.find_first_of(std::string_view{"/\0", 2}) != std::string::npos)
            entry.expected(what);
        if (std::find(names.begin(), names.end(), name) != names.end())
            entry.fail("this file is listed twice");
        names.push_back(name);
    });
    if (names.empty() || names.size() > 8)
        node.fail("list one to eight key files");
    return names;
}

void read_flap(const Node& node, Config::Flap& flap) {
    node.only({"burst", "window", "max_delay"});
    node.member("burst", [&](const Node& burst) {
        flap.burst = static_cast<unsigned>(read_number(burst, 1, 1000));
    });
    node.member("window", [&](const Node& window) {
        flap.window = read_duration(window, seconds{1}, seconds{3600}, "1m");
    });
    node.member("max_delay", [&](const Node& delay) {
        flap.max_delay = read_duration(delay, milliseconds{100}, seconds{60}, "5s");
    });
}

void read_socket(const Node& node, Config::Socket& socket) {
    node.only({"path", "group"});
    node.member("path", [&](const Node& path) {
        constexpr std::string_view what =
            "an absolute path of at most 107 bytes such as \"/run/sshpermd/sshpermd.sock\"";
        socket.path = read_string(path, what);
        if (!is_plain_path(socket.path) || socket.path.size() > 107)
            path.expected(what);
    });
    node.member("group", [&](const Node& group) {
        socket.group = read_string(group, "the name of a group");
        if (socket.group.empty())
            group.fail("expected the name of a group; \"root\" lets nobody but root ask");
    });
}

std::string read_word(const Node& node, std::initializer_list<std::string_view> words) {
    if (node.value().is_string() &&
        std::find(words.begin(), words.end(), node.value().get_ref<const std::string&>()) !=
            words.end())
        return node.value().get<std::string>();
    std::string what = "one of";
    for (const auto word : words)
        what += " \"" + std::string{word} + "\"";
    node.expected(what);
}

} // namespace

Config parse_config(std::string_view text, std::string_view file) {
    return read_config(parse_json(text, file), file);
}

Config read_config(const JsonDocument& document, std::string_view file) {
    const Node root{document.root, "", file, document};
    root.only({"mode", "home_roots", "users", "policy", "overrides", "authorized_keys_files",
               "private_keys", "client_config", "on_exposed", "rescan_interval", "poll_interval",
               "flap", "socket", "log_level"});

    Config config;
    root.member("mode", [&](const Node& mode) {
        config.operation = read_word(mode, {"repair", "observe"}) == "observe" ? Operation::observe
                                                                               : Operation::repair;
    });
    root.member("home_roots",
                [&](const Node& roots) { config.home_roots = read_home_roots(roots); });
    root.member("users", [&](const Node& users) { read_users(users, config.users); });
    root.member("policy", [&](const Node& policy) { read_policy(policy, config); });
    root.member("overrides", [&](const Node& overrides) {
        overrides.each("a list of overrides", [&](const Node& entry) {
            config.overrides.push_back(read_override(entry, config.policy));
        });
    });
    root.member("authorized_keys_files",
                [&](const Node& files) { config.key_files = read_key_files(files); });
    root.member("private_keys", [&](const Node& keys) { config.private_keys = read_bool(keys); });
    root.member("client_config",
                [&](const Node& client) { config.client_config = read_bool(client); });
    root.member("on_exposed", [&](const Node& choice) {
        const auto word = read_word(choice, {"first", "repair", "withhold"});
        config.on_exposed = word == "first"    ? OnExposed::first
                            : word == "repair" ? OnExposed::repair
                                               : OnExposed::withhold;
    });
    root.member("rescan_interval", [&](const Node& interval) {
        config.rescan_interval = std::chrono::duration_cast<seconds>(
            read_duration(interval, seconds{30}, seconds{86'400}, "5m"));
    });
    root.member("poll_interval", [&](const Node& interval) {
        config.poll_interval = std::chrono::duration_cast<seconds>(
            read_duration(interval, seconds{1}, seconds{3600}, "1m"));
    });
    root.member("flap", [&](const Node& flap) { read_flap(flap, config.flap); });
    root.member("socket", [&](const Node& socket) { read_socket(socket, config.socket); });
    root.member("log_level", [&](const Node& level) {
        config.log_level = read_word(level, {"debug", "info", "warning", "error"});
    });
    return config;
}

} // namespace sshpermd
