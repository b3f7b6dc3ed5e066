#include "system/account_child.hpp"

#include "io/transfer.hpp"
#include "system/account_database.hpp"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace sshpermd {
namespace {

/// Nobody waits for an answer that long; a parent that was killed at a bad moment cannot tell.
constexpr unsigned longest_life = 300; // seconds

bool hand_over(int fd, const std::string& bytes) { return write_all(fd, bytes) == bytes.size(); }

/// What runs here, also when it was replaced on the disk; without /proc by the name it was started
/// by.
std::string own_program() {
    constexpr const char* link = "/proc/self/exe";
    // NOLINTNEXTLINE(performance-no-int-to-ptr): it is how the kernel says it
    const auto* const started_as = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
    const bool has_name = started_as != nullptr && started_as[0] == '/';
    return access(link, X_OK) != 0 && has_name ? started_as : link;
}

} // namespace

int be_account_child() {
    constexpr int failed = 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "sshpermd-names"); // for ps; else it is called "exe"
    alarm(longest_life);
    const auto bytes = read_all(STDIN_FILENO, max_account_answer); // more than that is no question
    const auto question = bytes ? parse_account_question(*bytes) : std::nullopt;
    if (!question)
        return failed;
    return hand_over(STDOUT_FILENO, to_bytes(answer_account_question(*question))) ? 0 : failed;
}

UniqueFd write_question(const AccountQuestion& question) {
    UniqueFd memory{memfd_create("account question", MFD_CLOEXEC)};
    if (memory && !hand_over(memory.get(), to_bytes(question)))
        memory = UniqueFd{};
    return memory;
}

std::optional<ChildProcess> start_account_child(const UniqueFd& question) {
    if (!question || lseek(question.get(), 0, SEEK_SET) != 0)
        return std::nullopt;
    return ChildProcess::start({own_program(), std::string{account_child_argument}},
                               question.get());
}

} // namespace sshpermd
