#include "explain/key_checks.hpp"

#include "explain/key_path.hpp"
#include "explain/key_rule.hpp"
#include "explain/path_rule.hpp"
#include "policy/fields.hpp"
#include "policy/sshd_config.hpp"
#include "system/clock_digits.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>

namespace sshpermd {
namespace {

/// What all files together come to.
struct FoundKeys {
    bool is_accepted = false;
    bool may_be_accepted = false;
    std::size_t files = 0; ///< that exist
};

std::string count_of(std::size_t keys) {
    return std::to_string(keys) + (keys == 1 ? " key" : " keys");
}

/// A second file that is not there is nothing to be said of.
LoginCheck check_of(const PathFlaw& flaw, FoundKeys& found) {
    const bool is_missing = flaw.kind == PathFlaw::Kind::missing;
    const bool cannot_tell = flaw.kind == PathFlaw::Kind::cannot_tell;
    found.files += is_missing ? 0U : 1U;
    found.may_be_accepted = found.may_be_accepted || cannot_tell;
    if (is_missing)
        return {"key_file", CheckResult::pass, Weight::explains, flaw.summary, "", ""};
    return {"key_file",       cannot_tell ? CheckResult::unknown : CheckResult::fail,
            Weight::explains, flaw.summary,
            flaw.cause,       flaw.fix};
}

/// One file that sshd reads: is the key in it?
LoginCheck check_text(const LoginCase& login, const KeyPath& path, KeyRule& rule,
                      FoundKeys& found) {
    KeyRules rules;
    const auto& bits = login.sshd.settings->value("requiredrsasize");
    std::from_chars(bits.data(), bits.data() + bits.size(), rules.required_rsa_bits);
    rules.now = clock_digits();
    std::optional<KeyFlaw> flaw;
    std::size_t others = 0;
    for (const auto& listed : list_keys(*path.text, rules)) {
        if (!rule.is_meant(listed)) {
            others += listed.ignored ? 0U : 1U;
            continue;
        }
        auto why = rule.flaw_of(listed);
        if (!why) {
            found.is_accepted = true;
            return {"key_file",
                    CheckResult::pass,
                    Weight::explains,
                    path.path + " has the key (line " + std::to_string(listed.first_line) + ")",
                    "",
                    ""};
        }
        found.may_be_accepted = found.may_be_accepted || !why->is_certain;
        if (!flaw || !why->is_certain)
            flaw = std::move(why);
    }
    if (flaw)
        return {"key_file",       flaw->is_certain ? CheckResult::fail : CheckResult::unknown,
                Weight::explains, path.path + ": " + flaw->summary,
                flaw->cause,      flaw->fix};
    return {"key_file",
            CheckResult::fail,
            Weight::explains,
            login.question.key.empty()
                ? path.path + " has no key in it"
                : path.path + " does not have the key (" + count_of(others) + " of others)",
            "sshd says nothing of a key that it does not find",
            login.advice.sshpermctl("add-key", shell_word(login.question.user) + " FILE.pub")};
}

/// Of a key that is known, whether or not it is in a file.
void check_key_itself(const LoginCase& login, KeyRule& rule, LoginChecks& checks) {
    if (!login.question.public_key)
        return;
    const auto add = [&](const char* id, const std::optional<KeyFlaw>& flaw, const char* fine) {
        if (flaw)
            checks.push_back({id, flaw->is_certain ? CheckResult::fail : CheckResult::unknown,
                              Weight::decides, flaw->summary, flaw->cause, flaw->fix});
        else
            checks.push_back({id, CheckResult::pass, Weight::decides, fine, "", ""});
    };
    add("algorithm", rule.algorithm_flaw(*login.question.public_key),
        "sshd accepts keys of this type");
    add("revoked", rule.revocation_flaw(*login.question.public_key), "the key is not revoked");
}

/// misc.c safe_path() for a program: root's, and nobody else may write, up to the root. What sshd
/// says of one that is not; empty when it is.
std::string flaw_of_program(const LoginCase& login, const std::string& program) {
    const auto path = walk_key_path(login.root, {"root", 0, 0, "/nonexistent"}, program);
    if (!path || !path->file || path->real_path.empty())
        return "could not be looked at";
    const auto says = [](const char* kind, const std::string& name) {
        return "bad ownership or modes for " + std::string{kind} + " " + name;
    };
    if (!is_safe(*path->file, 0, login))
        return says("file", path->real_path);
    for (const auto& part : path->parents)
        if (!is_safe(part, 0, login))
            return says("directory", part.path);
    return {};
}

/// AuthorizedKeysCommand is asked after the files. It is not run here: what it does is its own.
CheckResult check_command(const LoginCase& login, LoginChecks& checks) {
    const auto& settings = *login.sshd.settings;
    if (!settings.has("authorizedkeyscommand"))
        return CheckResult::fail;
    std::string_view line = settings.value("authorizedkeyscommand");
    const std::string program{take_field(line, " ")};
    const auto name = "AuthorizedKeysCommand " + program;
    if (!settings.has("authorizedkeyscommanduser")) {
        checks.push_back({"keys_command", CheckResult::fail, Weight::none,
                          name + " is not run: there is no AuthorizedKeysCommandUser",
                          "error: No user for AuthorizedKeysCommand specified, skipping", ""});
        return CheckResult::fail;
    }
    if (const auto flaw = flaw_of_program(login, program); !flaw.empty()) {
        checks.push_back({"keys_command", CheckResult::fail, Weight::none, name + " is not run",
                          "error: Unsafe AuthorizedKeysCommand \"" + program + "\": " + flaw,
                          login.advice.on("namei -lo", program)});
        return CheckResult::fail;
    }
    if (program.find("eic_run_authorized_keys") != std::string::npos) {
        checks.push_back(
            {"keys_command", CheckResult::note, Weight::none,
             "EC2 Instance Connect is there: a key that is sent through it lets in for "
             "60 seconds",
             "",
             login.advice.live("aws ec2-instance-connect send-ssh-public-key --instance-os-user " +
                               shell_word(login.question.user) +
                               " --instance-id ID --ssh-public-key file://KEY.pub")});
        return CheckResult::fail;
    }
    checks.push_back({"keys_command", CheckResult::note, Weight::none,
                      name + " may know other keys; it is not run here", "", ""});
    return CheckResult::unknown;
}

LoginCheck verdict_about(const LoginCase& login, const FoundKeys& found, CheckResult by_command) {
    const bool any = login.question.key.empty();
    if (found.is_accepted)
        return {"key",
                CheckResult::pass,
                Weight::decides,
                any ? "sshd accepts a key of this user's" : "sshd accepts the key",
                "",
                ""};
    if (found.may_be_accepted || by_command == CheckResult::unknown)
        return {"key",
                CheckResult::unknown,
                Weight::decides,
                found.may_be_accepted
                    ? "it depends on where the client is, or on what cannot be read"
                    : "it depends on what AuthorizedKeysCommand says",
                "",
                ""};
    return {"key",
            CheckResult::fail,
            Weight::decides,
            found.files == 0 ? "the user has no key file that sshd reads"
            : any            ? "no key of this user's is accepted"
                             : "the key is not accepted",
            "",
            ""};
}

void check_authorities(const LoginCase& login, LoginChecks& checks) {
    if (login.sshd.settings->has("trustedusercakeys"))
        checks.push_back({"certificates", CheckResult::note, Weight::none,
                          "certificates of the CAs in " +
                              login.sshd.settings->value("trustedusercakeys") + " let in as well",
                          "", ""});
}

} // namespace

void check_keys(const LoginCase& login, LoginChecks& checks) {
    const auto& settings = *login.sshd.settings;
    const auto& account = login.person->account;
    if (login.question.public_key && login.question.public_key->is_certificate) {
        checks.push_back({"key", CheckResult::unknown, Weight::decides,
                          "a certificate: its CA, its names and its dates decide", "",
                          "ssh-keygen -L -f CERTIFICATE"});
        return;
    }
    FoundKeys found;
    std::optional<PathFlaw> missing; ///< the first
    KeyRule rule{login};
    check_key_itself(login, rule, checks);
    for (const auto& file : key_files_of(settings.value("authorizedkeysfile"), account)) {
        const bool is_pattern =
            login.sshd.may_take_patterns && file.find_first_of("*?[") != std::string::npos;
        const auto path = is_pattern ? std::nullopt : walk_key_path(login.root, account, file);
        if (!path) {
            found.may_be_accepted = true;
            checks.push_back({"key_file", CheckResult::unknown, Weight::explains,
                              is_pattern ? file + " is a pattern to some sshds, and not to others"
                                         : file + " does not answer: a file system that hangs",
                              "",
                              is_pattern ? login.advice.live("ls -l " + file)
                                         : login.advice.on("stat -f", file)});
            continue;
        }
        const auto flaw = flaw_of(*path, login);
        if (flaw && flaw->kind == PathFlaw::Kind::missing && !missing)
            missing = flaw;
        found.files += flaw ? 0U : 1U;
        checks.push_back(flaw ? check_of(*flaw, found) : check_text(login, *path, rule, found));
    }
    if (found.files == 0 && missing)
        checks.push_back({"key_file", CheckResult::fail, Weight::explains, missing->summary,
                          missing->cause, missing->fix});
    const auto by_command = check_command(login, checks);
    check_authorities(login, checks);
    checks.push_back(verdict_about(login, found, by_command));
}

} // namespace sshpermd
