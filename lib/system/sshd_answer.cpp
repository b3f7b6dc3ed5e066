#include "system/sshd_answer.hpp"

#include <unistd.h>

#include <algorithm>

namespace sshpermd {

std::vector<std::string> dump_command(const std::string& program, const std::string& dump,
                                      const SshdQuestion& question) {
    std::vector<std::string> argv{program,
                                  dump,
                                  "-f",
                                  question.config,
                                  "-C",
                                  "user=" + question.user + ",host=" + question.host +
                                      ",addr=" + question.address + ",laddr=127.0.0.1,lport=22"};
    argv.insert(argv.end(), question.arguments.begin(), question.arguments.end());
    return argv;
}

std::optional<std::string> ask_sshd(Inquirer& inquirer, const SshdQuestion& question) {
    using std::chrono::steady_clock;
    const auto sshd =
        std::find_if(question.programs.begin(), question.programs.end(),
                     [](const std::string& path) { return access(path.c_str(), X_OK) == 0; });
    if (sshd == question.programs.end())
        return std::nullopt;
    const auto end = steady_clock::now() + question.deadline;
    for (const auto* const dump : {"-T", "-G"}) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now());
        if (left.count() <= 0)
            break;
        auto answer =
            inquirer.ask(dump_command(*sshd, dump, question), {left, std::size_t{256} * 1024});
        if (answer)
            return answer;
    }
    return std::nullopt;
}

} // namespace sshpermd
