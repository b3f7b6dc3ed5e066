#include "explain/sshd_facts.hpp"

#include "system/sshd_answer.hpp"
#include "system/sshd_config_files.hpp"
#include "system/transfer.hpp"
#include "system/unique_fd.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <unistd.h>

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

/// Debian's builds, and those made from them, know a keyword that no other has; of the patch to
/// misc.c secure_permissions() itself nothing can be asked.
bool is_built_as_debian_does(const std::string& program) {
    constexpr std::size_t largest = std::size_t{16} << 20U;
    const UniqueFd fd{open(program.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    const auto bytes = fd ? read_all(fd.get(), largest) : std::nullopt;
    return bytes && bytes->find("debianbanner") != std::string::npos;
}

} // namespace

SshdFacts find_sshd_facts(const std::string& user, const std::optional<std::string>& address) {
    SshdFacts facts;
    facts.running = find_listening_sshds("/proc");
    facts.listeners = find_listeners("/proc");
    SshdArguments arguments;
    if (!facts.running.empty()) {
        facts.program = facts.running.front().program;
        arguments = facts.running.front().arguments;
    }
    if (facts.program.empty())
        facts.program = first_that(usual_programs, is_roots_program);
    facts.config = !arguments.config.empty()
                       ? arguments.config
                       : first_that(usual_configs, [](const std::string& path) {
                             return access(path.c_str(), F_OK) == 0;
                         });
    if (facts.program.empty() || facts.config.empty())
        return facts;

    facts.accepts_private_groups = is_built_as_debian_does(facts.program);
    facts.depends_on_the_client =
        read_sshd_config_files({facts.config}, {facts.program}).asks_for_client;
    Inquirer inquirer;
    std::vector<std::string> test{facts.program, "-t", "-f", facts.config};
    test.insert(test.end(), arguments.options.begin(), arguments.options.end());
    facts.test = inquirer.hear(test, {});
    SshdQuestion question;
    question.programs = {facts.program};
    question.config = facts.config;
    question.user = user;
    question.host = question.address = address.value_or("127.0.0.1");
    question.arguments = arguments.options;
    if (const auto answer = ask_sshd(inquirer, question))
        facts.settings.emplace(*answer);
    return facts;
}

} // namespace sshpermd
