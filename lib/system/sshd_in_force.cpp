#include "system/sshd_in_force.hpp"

#include <unistd.h>

#include <algorithm>

namespace sshpermd {
namespace {

std::string first_that(const auto& paths, auto holds) {
    const auto found = std::find_if(paths.begin(), paths.end(), holds);
    return found == paths.end() ? std::string{} : std::string{*found};
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

} // namespace

SshdQuestion SshdInForce::question_about(const std::string& user) const {
    SshdQuestion question;
    question.programs = {program};
    question.config = config;
    question.user = user;
    question.arguments = options;
    return question;
}

const std::vector<std::string>& usual_sshd_programs() {
    static const std::vector<std::string> programs{"/usr/sbin/sshd", "/usr/bin/sshd",
                                                   "/usr/local/sbin/sshd"};
    return programs;
}

const std::vector<std::string>& usual_sshd_configs() {
    static const std::vector<std::string> configs{"/etc/ssh/sshd_config",
                                                  "/usr/etc/ssh/sshd_config"};
    return configs;
}

std::string installed_sshd() { return first_that(usual_sshd_programs(), is_roots_program); }

SshdInForce find_sshd_in_force() {
    SshdInForce sshd;
    sshd.running = find_listening_sshds("/proc");
    if (!sshd.running.empty()) {
        const auto& first = sshd.running.front();
        sshd.program = first.program;
        sshd.config = first.arguments.config;
        sshd.options = first.arguments.options;
    }
    if (sshd.program.empty())
        sshd.program = installed_sshd();
    if (sshd.config.empty())
        sshd.config = first_that(usual_sshd_configs(), exists);
    return sshd;
}

} // namespace sshpermd
