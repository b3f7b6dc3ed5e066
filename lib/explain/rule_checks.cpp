#include "explain/rule_checks.hpp"

#include "explain/key_path.hpp"
#include "explain/server_checks.hpp"
#include "policy/fields.hpp"
#include "policy/sshd_config.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>

namespace sshpermd {
namespace {

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
        else if (!login.knows_everybody)
            match = Match::cannot_tell; // it may have others, of a directory service
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
                 std::string{rule.name} +
                     (login.knows_everybody
                          ? " asks where the client is: --from ADDR"
                          : " asks where the client is, or of groups that a directory service has"),
                 "",
                 login.advice.sshpermctl("explain",
                                         shell_word(login.question.user) + " --from ADDR")});
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

LoginCheck chroot_flaw(const std::string& cause, const std::string& fix) {
    return {"chroot",        CheckResult::fail,
            Weight::decides, "the key is taken, and then the session ends (ChrootDirectory)",
            cause,           fix};
}

/// session.c safely_chroot(): every component root's, and nobody else may write. By the names as
/// they stand, after the key was taken, and whatever StrictModes says. Looked at by a child: a home
/// may be a file system that hangs.
LoginCheck check_of_chroot(const LoginCase& login, const std::string& path) {
    if (!path.starts_with('/'))
        return chroot_flaw("fatal: chroot path does not begin at root", "");
    const auto found = walk_key_path(login.root, {"root", 0, 0, "/"}, path);
    if (!found)
        return {"chroot",
                CheckResult::unknown,
                Weight::decides,
                path + " does not answer: a file system that hangs",
                "",
                login.advice.on("stat -f", path)};
    for (const auto& part : found->on_the_way) {
        const bool is_last = part.path == path;
        const auto name = "\"" + part.path + (is_last ? "\"" : "/\"");
        if (part.error != 0)
            return chroot_flaw("fatal: chroot directory " + name + ": " + std::strerror(part.error),
                               login.advice.live("mkdir -p " + shell_word(path)));
        if (part.owner != 0 || (part.mode & 022U) != 0)
            return chroot_flaw("fatal: bad ownership or modes for chroot directory " +
                                   std::string{is_last ? "" : "component "} + name,
                               both(login.advice.on("chown root", part.path),
                                    login.advice.on("chmod go-w", part.path)));
        if (!S_ISDIR(part.mode))
            return chroot_flaw("fatal: chroot path " + name + " is not a directory", "");
    }
    return {"chroot",
            CheckResult::pass,
            Weight::decides,
            "the session goes on in " + path + " (ChrootDirectory)",
            "",
            ""};
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
    checks.push_back(check_of_chroot(login, *path));
}

} // namespace sshpermd
