#include "explain/sshd_facts.hpp"

#include "system/sshd_answer.hpp"
#include "system/sshd_config_files.hpp"
#include "system/transfer.hpp"
#include "system/unique_fd.hpp"

#include <fcntl.h>

#include <charconv>
#include <system_error>

namespace sshpermd {
namespace {

/// Debian's builds, and those made from them, know a keyword that no other has; of the patch to
/// misc.c secure_permissions() itself nothing can be asked.
bool is_built_as_debian_does(const std::string& program) {
    constexpr std::size_t largest = std::size_t{16} << 20U;
    const UniqueFd fd{open(program.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    const auto bytes = fd ? read_all(fd.get(), largest) : std::nullopt;
    return bytes && bytes->find("debianbanner") != std::string::npos;
}

} // namespace

std::optional<unsigned> openssh_release_in(std::string_view text) {
    constexpr std::string_view name = "OpenSSH_";
    const auto at = text.find(name);
    if (at == std::string_view::npos)
        return std::nullopt;
    unsigned release = 0;
    const auto number = text.substr(at + name.size());
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), release);
    return error == std::errc{} ? std::optional{release} : std::nullopt;
}

SshdFacts find_sshd_facts(const std::string& user, const std::optional<std::string>& address) {
    SshdFacts facts{find_sshd_in_force(), {}, {}, {}};
    facts.listeners = find_listeners("/proc");
    if (!facts.can_be_asked())
        return facts;

    facts.accepts_private_groups = is_built_as_debian_does(facts.program);
    facts.depends_on_the_client =
        read_sshd_config_files({facts.config}, {facts.program}).asks_for_client;
    Inquirer inquirer;
    // before OpenSSH 9.2 -V is unknown, and the version heads the usage that comes of it
    if (const auto version = inquirer.hear({facts.program, "-V"}, {}))
        facts.may_take_patterns = openssh_release_in(version->text).value_or(10) >= 10;
    std::vector<std::string> test{facts.program, "-t", "-f", facts.config};
    test.insert(test.end(), facts.options.begin(), facts.options.end());
    facts.test = inquirer.hear(test, {});
    auto question = facts.question_about(user);
    question.host = question.address = address.value_or("127.0.0.1");
    if (const auto answer = ask_sshd(inquirer, question))
        facts.settings.emplace(*answer);
    return facts;
}

} // namespace sshpermd
