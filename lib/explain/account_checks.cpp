#include "explain/account_checks.hpp"

#include "explain/key_path.hpp"
#include "explain/pam.hpp"
#include "policy/sshd_config.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

namespace sshpermd {
namespace {

long today() {
    using Days = std::chrono::duration<long, std::ratio<86'400>>;
    return std::chrono::floor<Days>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// auth.c allowed_user(), platform.c platform_locked_account(): only where PAM is not asked.
void check_locked(const LoginCase& login, LoginChecks& checks) {
    const auto& person = *login.person;
    const auto& password = person.shadow ? person.shadow->password : person.password;
    if (geteuid() != 0 && !person.shadow) {
        checks.push_back({"locked", login.uses_pam() ? CheckResult::pass : CheckResult::unknown,
                          Weight::decides, "only root can see whether the account is locked", "",
                          ""});
        return;
    }
    if (!password.starts_with('!')) {
        checks.push_back(
            {"locked", CheckResult::pass, Weight::decides, "the account is not locked", "", ""});
        return;
    }
    if (login.uses_pam()) {
        checks.push_back({"locked", CheckResult::pass, Weight::decides,
                          "its password is locked, which keeps no key out (UsePAM yes)", "", ""});
        return;
    }
    checks.push_back({"locked", CheckResult::fail, Weight::decides,
                      "the account is locked, and sshd does without PAM (UsePAM no)",
                      "User " + person.account.name + " not allowed because account is locked",
                      login.advice.usermod("-p '*'", person.account.name)});
}

/// auth-shadow.c auth_shadow_acctexpired() without PAM, pam_unix's passverify.c
/// check_shadow_expiry() with it: they differ by a day.
void check_expired(const LoginCase& login, LoginChecks& checks) {
    const auto& person = *login.person;
    if (!person.shadow ||
        (login.uses_pam() && !account_rules_of_pam(login.root, *login.sshd.settings).asks_unix)) {
        checks.push_back({"expired", CheckResult::pass, Weight::decides,
                          "no date of expiry is known here", "", ""});
        return;
    }
    const auto& shadow = *person.shadow;
    const auto day = today();
    const auto name = shell_word(person.account.name);
    const bool is_over =
        shadow.expires >= 0 && (login.uses_pam() ? day >= shadow.expires : day > shadow.expires);
    if (is_over) {
        checks.push_back({"expired", CheckResult::fail, Weight::decides, "the account has expired",
                          login.uses_pam()
                              ? "fatal: Access denied for user " + person.account.name +
                                    " by PAM account configuration [preauth]"
                              : "Account " + person.account.name + " has expired, User " +
                                    person.account.name + " not allowed because account is locked",
                          login.advice.live("chage -E -1 " + name,
                                            login.advice.usermod("-e ''", person.account.name))});
        return;
    }
    const auto age = day - shadow.changed;
    const bool has_aged = login.uses_pam() && shadow.changed > 0 && age >= 0 &&
                          shadow.most_days >= 0 && age > shadow.most_days;
    if (has_aged && shadow.inactive_days >= 0 && age > shadow.most_days + shadow.inactive_days) {
        checks.push_back({"expired", CheckResult::fail, Weight::decides,
                          "its password is too old, and the days of grace are over",
                          "fatal: Access denied for user " + person.account.name +
                              " by PAM account configuration [preauth]",
                          login.advice.live("chage -M -1 " + name)});
        return;
    }
    const bool must_change =
        login.uses_pam() && (has_aged || (shadow.changed == 0 && geteuid() == 0));
    if (must_change) {
        checks.push_back({"expired", CheckResult::note, Weight::decides,
                          "the key is taken, but the password must be changed before all else",
                          "WARNING: Your password has expired.",
                          login.advice.live("chage -d " + std::to_string(day) + " -M -1 " + name)});
        return;
    }
    checks.push_back(
        {"expired", CheckResult::pass, Weight::decides, "the account has not expired", "", ""});
}

/// auth.c allowed_user(): the shell, unless the session is in a chroot.
void check_shell(const LoginCase& login, LoginChecks& checks) {
    const auto& person = *login.person;
    const auto shell = person.shell.empty() ? std::string{"/bin/sh"} : person.shell;
    struct stat about {};
    const bool is_there = login.root.stat(shell, about) == 0;
    const bool can_run = is_there && S_ISREG(about.st_mode) && (about.st_mode & 0111U) != 0;
    const bool in_chroot = login.sshd.settings->has("chrootdirectory");
    if (!can_run && !in_chroot) {
        checks.push_back({"shell", CheckResult::fail, Weight::decides,
                          "its login shell cannot be run",
                          "User " + person.account.name + " not allowed because shell " + shell +
                              (is_there ? " is not executable" : " does not exist"),
                          login.advice.usermod("-s /bin/sh", person.account.name)});
        return;
    }
    const bool ends_at_once = shell.ends_with("/nologin") || shell.ends_with("/false");
    checks.push_back(
        {"shell", ends_at_once ? CheckResult::note : CheckResult::pass, Weight::decides,
         ends_at_once ? "the key is taken, but the shell " + shell + " ends every session at once"
                      : "the shell is " + shell,
         "", ends_at_once ? login.advice.usermod("-s /bin/sh", person.account.name) : ""});
}

/// Behind a chroot, if there is one: sshd looks when it is there already. Looked at by a child: a
/// home may be a file system that hangs.
bool is_there(const LoginCase& login, const std::string& path) {
    const auto& root = login.sshd.settings->value("chrootdirectory");
    const auto directory = login.sshd.settings->has("chrootdirectory")
                               ? expand_chroot(root, login.person->account)
                               : std::nullopt;
    const auto found =
        walk_key_path(login.root, {"root", 0, 0, "/"}, directory.value_or("") + path);
    return found && !found->on_the_way.empty() && found->on_the_way.back().error == 0;
}

/// What an image has in /run is not there any more when its machine starts.
std::vector<const char*> nologin_files(const LoginCase& login) {
    return login.root.is_image() ? std::vector{"/etc/nologin"}
                                 : std::vector{"/etc/nologin", "/var/run/nologin"};
}

/// session.c do_nologin() without PAM, pam_nologin with it; neither stops root.
void check_nologin(const LoginCase& login, LoginChecks& checks) {
    std::string file;
    if (!login.uses_pam()) {
        file = is_there(login, "/etc/nologin") ? "/etc/nologin" : "";
    } else if (account_rules_of_pam(login.root, *login.sshd.settings).asks_nologin) {
        for (const auto* const path : nologin_files(login))
            if (file.empty() && login.root.has(path))
                file = path;
    }
    const auto& account = login.person->account;
    if (file.empty() || account.uid == 0) {
        checks.push_back({"nologin", CheckResult::pass, Weight::decides,
                          "no nologin file keeps users out", "", ""});
        return;
    }
    checks.push_back(
        {"nologin", CheckResult::fail, Weight::decides, file + " keeps out everybody but root",
         login.uses_pam() ? "fatal: Access denied for user " + account.name +
                                " by PAM account configuration [preauth]"
                          : "User " + account.name + " not allowed because " + file + " exists",
         login.advice.on_name("rm", file)});
}

/// Modules that decide by rules of their own, which are not looked at here.
void check_pam(const LoginCase& login, LoginChecks& checks) {
    if (!login.uses_pam())
        return;
    const auto rules = account_rules_of_pam(login.root, *login.sshd.settings);
    if (rules.others.empty()) {
        checks.push_back({"pam", CheckResult::pass, Weight::decides,
                          "PAM asks no module that is not understood here", "", ""});
        return;
    }
    checks.push_back({"pam", CheckResult::unknown, Weight::decides,
                      "PAM has a say, by rules that are not read here: " + joined(rules.others),
                      "fatal: Access denied for user " + login.person->account.name +
                          " by PAM account configuration [preauth], if so",
                      login.advice.on("grep account", rules.file)});
}

} // namespace

bool check_account(const LoginCase& login, LoginChecks& checks) {
    const auto& user = login.question.user;
    if (login.person) {
        checks.push_back(
            {"account", CheckResult::pass, Weight::decides, "there is an account " + user, "", ""});
        return true;
    }
    const auto likely = likely_users(user, login.accounts);
    checks.push_back(
        {"account", login.knows_everybody ? CheckResult::fail : CheckResult::unknown,
         Weight::decides,
         "there is no account " + user +
             (login.knows_everybody ? "" : " in its /etc/passwd; a directory service has others") +
             (likely.empty() ? "" : "; did you mean " + joined(likely) + "?"),
         "Invalid user " + user + " from IP port N",
         likely.empty() ? login.advice.live("getent passwd")
                        : login.advice.sshpermctl("explain", shell_word(likely.front()))});
    return false;
}

void check_account_state(const LoginCase& login, LoginChecks& checks) {
    check_locked(login, checks);
    check_expired(login, checks);
    check_shell(login, checks);
    check_nologin(login, checks);
    check_pam(login, checks);
}

} // namespace sshpermd
