#include "explain/rule_checks.hpp"

#include "policy/fields.hpp"
#include "policy/sshd_config.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sshpermd {
namespace {

/// Shows where a keyword stands: what to write there only its owner knows.
std::string where_is(const LoginCase& login, const std::string& keyword) {
    return "grep -ri " + keyword + " " + quoted(login.sshd.config) +
           " /etc/ssh/sshd_config.d; then change it, and: systemctl reload ssh*";
}

std::string from(const LoginCase& login) { return login.question.from.value_or("IP"); }

void check_pubkey(const LoginCase& login, LoginChecks& checks) {
    const auto& settings = *login.sshd.settings;
    if (!settings.is("pubkeyauthentication", "yes"))
        checks.push_back({"pubkey", CheckResult::fail, Weight::decides,
                          "sshd takes no keys at all (PubkeyAuthentication no)",
                          "the client is told: Permission denied, without \"publickey\"",
                          where_is(login, "PubkeyAuthentication")});
    else
        checks.push_back({"pubkey", CheckResult::pass, Weight::decides,
                          "sshd takes keys (PubkeyAuthentication yes)", "", ""});
}

/// Is a key, once, all that one of the lists asks for (auth2.c auth2_update_methods_lists())?
void check_methods(const LoginCase& login, LoginChecks& checks) {
    const auto& given = login.sshd.settings->value("authenticationmethods");
    std::string_view rest = given;
    bool suffices = given.empty();
    while (!rest.empty()) {
        const auto list = take_field(rest, " ");
        suffices = suffices || list == "any" || list == "publickey";
    }
    if (suffices)
        checks.push_back(
            {"methods", CheckResult::pass, Weight::decides, "a key is all it asks for", "", ""});
    else
        checks.push_back({"methods", CheckResult::fail, Weight::decides,
                          "a key alone is not enough (AuthenticationMethods " + given + ")",
                          "Authenticated using \"publickey\" with partial success.",
                          where_is(login, "AuthenticationMethods")});
}

/// What a list of patterns says of the user, or, for one of groups, of any of its groups.
Match look_up(const LoginCase& login, const std::string& keyword) {
    const auto& person = *login.person;
    const bool of_groups = keyword.ends_with("groups");
    bool cannot_tell = false;
    for (const auto& pattern : login.sshd.settings->values(keyword)) {
        auto match = Match::no;
        if (!of_groups)
            match = match_user(person.account.name, login.client(), pattern);
        else if (std::any_of(person.groups.begin(), person.groups.end(),
                             [&](const std::string& group) { return matches(group, pattern); }))
            match = Match::yes;
        if (match == Match::yes || match == Match::invalid)
            return match;
        cannot_tell = cannot_tell || match == Match::cannot_tell;
    }
    return cannot_tell ? Match::cannot_tell : Match::no;
}

struct AccessRule {
    const char* keyword;
    const char* name;
    Match wanted;
    const char* message;
};

/// auth.c allowed_user(), in its order.
void check_access(const LoginCase& login, LoginChecks& checks) {
    static constexpr AccessRule rules[]{
        {"denyusers", "DenyUsers", Match::no, "listed in DenyUsers"},
        {"allowusers", "AllowUsers", Match::yes, "not listed in AllowUsers"},
        {"denygroups", "DenyGroups", Match::no, "a group is listed in DenyGroups"},
        {"allowgroups", "AllowGroups", Match::yes,
         "none of user's groups are listed in AllowGroups"}};
    for (const auto& rule : rules) {
        if (login.sshd.settings->values(rule.keyword).empty())
            continue;
        const auto match = look_up(login, rule.keyword);
        if (match == rule.wanted) {
            checks.push_back({"access", CheckResult::pass, Weight::decides,
                              std::string{rule.name} + " does not keep the user out", "", ""});
        } else if (match == Match::cannot_tell) {
            checks.push_back(
                {"access", CheckResult::unknown, Weight::decides,
                 std::string{rule.name} + " asks where the client is: --from ADDR", "",
                 "sshpermctl explain " + quoted(login.question.user) + " --from ADDR"});
        } else if (match == Match::invalid) {
            checks.push_back({"access", CheckResult::fail, Weight::decides,
                              std::string{rule.name} + " has a pattern that is none",
                              "fatal: Invalid " + std::string{rule.name} + " pattern",
                              where_is(login, rule.name)});
        } else {
            checks.push_back({"access", CheckResult::fail, Weight::decides,
                              std::string{rule.name} + " keeps the user out",
                              "User " + login.person->account.name + " from " + from(login) +
                                  " not allowed because " + rule.message,
                              where_is(login, rule.name)});
        }
    }
}

/// auth.c auth_root_allowed(); of forced-commands-only the key decides.
void check_root(const LoginCase& login, LoginChecks& checks) {
    if (login.person->account.uid != 0)
        return;
    if (!login.sshd.settings->is("permitrootlogin", "no")) {
        checks.push_back({"root", CheckResult::pass, Weight::decides,
                          "root may come with a key (PermitRootLogin " +
                              login.sshd.settings->value("permitrootlogin") + ")",
                          "", ""});
        return;
    }
    const auto other = likely_users("", login.accounts);
    checks.push_back({"root", CheckResult::fail, Weight::decides,
                      "root may not log in (PermitRootLogin no)" +
                          (other.empty() ? std::string{} : "; " + other.front() + " may use sudo"),
                      "ROOT LOGIN REFUSED FROM " + from(login) + " port N",
                      where_is(login, "PermitRootLogin")});
}

/// session.c safely_chroot(): every component root's, and nobody else may write. By the names as
/// they stand, after the key was taken, and whatever StrictModes says.
std::optional<LoginCheck> chroot_flaw(const std::string& path) {
    const auto flaw = [](const std::string& cause, const std::string& fix) {
        return LoginCheck{
            "chroot",        CheckResult::fail,
            Weight::decides, "the key is taken, and then the session ends: ChrootDirectory",
            cause,           fix};
    };
    if (!path.starts_with('/'))
        return flaw("fatal: chroot path does not begin at root", "");
    for (std::size_t at = 0; at != std::string::npos;) {
        at = path.find('/', at + 1);
        const auto component = at == std::string::npos ? path : path.substr(0, at);
        struct stat about {};
        if (stat(component.c_str(), &about) != 0)
            return flaw("fatal: chroot directory \"" + component + "\": " + std::strerror(errno),
                        "mkdir -p " + quoted(path));
        if (about.st_uid != 0 || (about.st_mode & 022U) != 0)
            return flaw("fatal: bad ownership or modes for chroot directory " +
                            std::string{at == std::string::npos ? "" : "component "} + "\"" +
                            component + "\"",
                        "chown root " + quoted(component) + " && chmod go-w " + quoted(component));
        if (!S_ISDIR(about.st_mode))
            return flaw("fatal: chroot path \"" + component + "\" is not a directory", "");
    }
    return std::nullopt;
}

} // namespace

void check_rules(const LoginCase& login, LoginChecks& checks) {
    check_access(login, checks);
    check_pubkey(login, checks);
    check_methods(login, checks);
    check_root(login, checks);
}

void check_chroot(const LoginCase& login, LoginChecks& checks) {
    if (!login.sshd.settings->has("chrootdirectory"))
        return;
    const auto path =
        expand_chroot(login.sshd.settings->value("chrootdirectory"), login.person->account);
    if (!path) {
        checks.push_back({"chroot", CheckResult::unknown, Weight::decides,
                          "ChrootDirectory has a token that is not known here", "", ""});
        return;
    }
    if (auto flaw = chroot_flaw(*path))
        checks.push_back(*std::move(flaw));
    else
        checks.push_back({"chroot", CheckResult::pass, Weight::decides,
                          "the session goes on in " + *path + " (ChrootDirectory)", "", ""});
}

} // namespace sshpermd
