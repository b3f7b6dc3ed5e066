#include "system/sshd_in_force.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace sshpermd {
namespace {

constexpr std::array<const char*, 3> usual_programs{"/usr/sbin/sshd", "/usr/bin/sshd",
                                                    "/usr/local/sbin/sshd"};
constexpr std::array<const char*, 2> usual_configs{"/etc/ssh/sshd_config",
                                                   "/usr/etc/ssh/sshd_config"};

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
        sshd.program = first_that(usual_programs, is_roots_program);
    if (sshd.config.empty())
        sshd.config = first_that(usual_configs, exists);
    return sshd;
}

} // namespace sshpermd
