// Sshd in force: the program and the configuration that a login meets, not those that lie about.
#pragma once

#include "system/sshd_answer.hpp"
#include "system/sshd_process.hpp"

#include <string>
#include <vector>

namespace sshpermd {

struct SshdInForce {
    std::vector<SshdProcess> running; ///< by pid; the first is the one that is meant
    std::string program;              ///< absolute; empty: there is none
    std::string config;               ///< the file; empty: there is none
    std::vector<std::string> options; ///< what it was started with besides: "-o", "X=Y", …

    bool can_be_asked() const { return !program.empty() && !config.empty(); }
    /// What ask_sshd() is to be given for a user of whom it can be asked.
    SshdQuestion question_about(const std::string& user) const;
};

/// Where distributions have it and its configuration; the first that exists counts: openSUSE keeps
/// the distributor's in /usr/etc.
const std::vector<std::string>& usual_sshd_programs();
const std::vector<std::string>& usual_sshd_configs();

/// The program that is installed here; empty: there is none.
std::string installed_sshd();

/// The one that runs, with its own -f, -o and their like; without one the first that is installed,
/// with its usual file. Who is not root may be shown less of the one that runs.
SshdInForce find_sshd_in_force();

} // namespace sshpermd
