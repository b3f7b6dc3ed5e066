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

LoginCase case_of(const LoginQuestion& question) {
    LoginCase login;
    login.question = question;
    login.person = find_person(question.user);
    login.accounts = list_accounts();
    login.groups = list_groups();
    // sshd reads its configuration for users that it does not know as well
    login.sshd =
        find_sshd_facts(can_be_asked(question.user) ? question.user : "nobody", question.from);
    return login;
}

} // namespace

Explanation explain_login(const LoginQuestion& question) {
    const auto login = case_of(question);
    Explanation explanation;
    auto& checks = explanation.checks;
    check_server(login, checks);
    const bool is_known = check_account(login, checks);
    if (is_known && login.sshd.settings) {
        check_account_state(login, checks);
        check_rules(login, checks);
        check_keys(login, checks);
        check_chroot(login, checks);
    }
    check_instance(login, checks);
    explanation.verdict = verdict_of(checks);
    explanation.log = told_about(question.user, read_sshd_log());
    return explanation;
}

} // namespace sshpermd
