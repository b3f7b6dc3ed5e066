// Login case: one user, one key, one client, and all that is known of the sshd they meet.
#pragma once

#include "event/text.hpp"
#include "explain/advice.hpp"
#include "explain/login_check.hpp"
#include "explain/patterns.hpp"
#include "explain/person.hpp"
#include "explain/sshd_facts.hpp"
#include "keys/public_key.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sshpermd {

/// What was asked.
struct LoginQuestion {
    std::string user;
    std::string key;                     ///< a fingerprint of any form; empty: any key would do
    std::optional<PublicKey> public_key; ///< the key itself, where it was given as a file
    std::optional<std::string> from;     ///< the client's address
};

struct LoginCase {
    LoginCase() = default;
    LoginCase(const Sysroot& of, LoginQuestion asked) : root(of), question(std::move(asked)) {}

    Sysroot root; ///< where every file is looked at
    Advice advice{root};
    LoginQuestion question;
    std::optional<Person> person;
    std::vector<Account> accounts; ///< everybody that NSS lists, or an image's files
    std::vector<Group> groups;     ///< the same of groups
    bool knows_everybody = true;   ///< no directory service has others that could not be asked
    SshdFacts sshd;

    bool uses_pam() const { return sshd.settings && sshd.settings->is("usepam", "yes"); }
    Client client() const {
        return {question.from, sshd.settings && sshd.settings->is("usedns", "yes")};
    }
};

using LoginChecks = std::vector<LoginCheck>;

} // namespace sshpermd
