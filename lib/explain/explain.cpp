#include "explain/explain.hpp"

#include "explain/account_checks.hpp"
#include "explain/instance_checks.hpp"
#include "explain/key_checks.hpp"
#include "explain/rule_checks.hpp"
#include "explain/server_checks.hpp"
#include "explain/sshd_log.hpp"
#include "policy/sshd_config.hpp"
#include "system/name_service.hpp"

namespace sshpermd {
namespace {

/// sshd reads its configuration for users that it does not know as well.
std::string asked_about(const LoginQuestion& question) {
    return can_be_asked(question.user) ? question.user : "nobody";
}

LoginCase case_here(const LoginQuestion& question) {
    LoginCase login;
    login.question = question;
    login.person = find_person(question.user);
    login.accounts = list_accounts();
    login.groups = list_groups();
    login.sshd = find_sshd_facts(asked_about(question), question.from);
    return login;
}

LoginCase case_in(const Image& image, const LoginQuestion& question) {
    LoginCase login{Sysroot{image}, question};
    login.person = find_person_in(image, question.user);
    login.accounts = image.accounts().all();
    login.groups = image.accounts().groups();
    login.knows_everybody = image.accounts().has_everybody();
    login.sshd = find_image_sshd_facts(login.root, asked_about(question), question.from);
    return login;
}

void tell_what_is_not_seen(LoginChecks& checks) {
    checks.push_back({"image", CheckResult::note, Weight::none,
                      "an image: what only a running machine has is not looked at (whether sshd "
                      "runs and listens and with which options, its journal, load, memory, "
                      "processes, Session Manager's agent)",
                      "", ""});
}

} // namespace

Explanation explain_login(const LoginQuestion& question, const Sysroot& root) {
    const auto login = root.is_image() ? case_in(*root.image(), question) : case_here(question);
    Explanation explanation;
    auto& checks = explanation.checks;
    if (root.is_image())
        tell_what_is_not_seen(checks);
    check_server(login, checks);
    const bool is_known = check_account(login, checks);
    if (is_known && login.sshd.settings) {
        check_account_state(login, checks);
        check_rules(login, checks);
        if (!root.is_image() || is_home_mounted(login))
            check_keys(login, checks);
        check_chroot(login, checks);
    }
    check_instance(login, checks);
    explanation.verdict = verdict_of(checks);
    if (!root.is_image())
        explanation.log = told_about(question.user, read_sshd_log());
    return explanation;
}

} // namespace sshpermd
