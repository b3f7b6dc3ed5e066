#include "system/account_child.hpp"

#include "system/account_database.hpp"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

namespace sshpermd {
namespace {

/// Nobody waits for an answer that long; a parent that was killed at a bad moment cannot tell.
constexpr unsigned longest_life = 300; // seconds

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            return false;
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

std::optional<std::string> read_all(int fd) {
    std::string bytes;
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto length = read(fd, buffer.data(), buffer.size());
        if (length == 0)
            return bytes;
        if (length < 0 && errno != EINTR)
            return std::nullopt;
        bytes.append(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
        if (bytes.size() > max_account_answer)
            return std::nullopt;
    }
}

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
    const auto bytes = read_all(STDIN_FILENO);
    const auto question = bytes ? parse_account_question(*bytes) : std::nullopt;
    if (!question)
        return failed;
    return write_all(STDOUT_FILENO, to_bytes(answer_account_question(*question))) ? 0 : failed;
}

std::optional<ChildProcess> start_account_child(const AccountQuestion& question) {
    const UniqueFd memory{memfd_create("account question", MFD_CLOEXEC)};
    if (!memory || !write_all(memory.get(), to_bytes(question)) ||
        lseek(memory.get(), 0, SEEK_SET) != 0)
        return std::nullopt;
    return ChildProcess::start({own_program(), std::string{account_child_argument}}, memory.get());
}

} // namespace sshpermd
