#include "explain/sshd_facts.hpp"

#include "explain/image_sshd.hpp"
#include "system/sshd_answer.hpp"
#include "system/sshd_config_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace sshpermd {
namespace {

/// Debian's builds, and those made from them, know a keyword that no other has; of the patch to
/// misc.c secure_permissions() itself nothing can be asked.
bool is_built_as_debian_does(const std::string& program) {
    return program.find("debianbanner") != std::string::npos;
}

std::string text_of_program(const Sysroot& root, const std::string& path) {
    return root.read(path, std::size_t{16} << 20U).value_or("");
}

/// As is_roots_program() says of one of this machine's.
bool is_roots_program_in(const Sysroot& root, const std::string& path) {
    struct stat about {};
    return root.stat(path, about) == 0 && S_ISREG(about.st_mode) && about.st_uid == 0 &&
           (about.st_mode & 022U) == 0 && (about.st_mode & 0111U) != 0;
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

std::optional<unsigned> highest_openssh_release_in(std::string_view text) {
    constexpr std::string_view name = "OpenSSH_";
    std::optional<unsigned> highest;
    for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1))
        if (const auto release = openssh_release_in(text.substr(at, name.size() + 4)))
            highest = std::max(highest.value_or(0), *release);
    return highest;
}

SshdFacts find_image_sshd_facts(const Sysroot& root, const std::string& user,
                                const std::optional<std::string>& address) {
    SshdFacts facts;
    const auto& programs = usual_sshd_programs();
    const auto program =
        std::find_if(programs.begin(), programs.end(),
                     [&](const std::string& path) { return is_roots_program_in(root, path); });
    const ImageSshd sshd{root};
    facts.config = sshd.files().main;
    facts.program = program != programs.end() ? *program : std::string{};
    if (!facts.can_be_asked())
        return facts;
    const auto text = text_of_program(root, facts.program);
    facts.accepts_private_groups = is_built_as_debian_does(text);
    const auto release = highest_openssh_release_in(text);
    facts.may_take_patterns = release.value_or(10) >= 10;
    facts.depends_on_the_client = sshd.files().asks_for_client;
    auto answer = sshd.settings_for(user, address.value_or("127.0.0.1"));
    facts.silence = std::move(answer.silence);
    if (answer.settings)
        facts.settings.emplace(*answer.settings);
    const auto here = highest_openssh_release_in(text_of_program({}, installed_sshd()));
    if (release && here && release != here)
        facts.answered_by = "this machine's sshd, OpenSSH " + std::to_string(*here) +
                            ", answered for the image's, OpenSSH " + std::to_string(*release) +
                            ": what is not configured may differ";
    return facts;
}

SshdFacts find_sshd_facts(const std::string& user, const std::optional<std::string>& address) {
    SshdFacts facts;
    static_cast<SshdInForce&>(facts) = find_sshd_in_force();
    facts.listeners = find_listeners("/proc");
    if (!facts.can_be_asked())
        return facts;

    facts.accepts_private_groups = is_built_as_debian_does(text_of_program({}, facts.program));
    facts.depends_on_the_client =
        read_sshd_config_files({}, {facts.config}, {facts.program}).asks_for_client;
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
