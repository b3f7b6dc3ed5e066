#include "system/acting_as.hpp"

#include "io/transfer.hpp"
#include "io/unique_fd.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

namespace sshpermd {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr char done = '.'; ///< the last byte: all of it was said

/// For good: no way back to root.
bool become(const Account& account, const std::optional<std::vector<gid_t>>& groups) {
    constexpr auto none = static_cast<uid_t>(-1); // setresuid(2) would leave everything as it is
    if (account.uid == none || account.gid == none)
        return false;
    const auto set_groups = [&] {
        return groups ? setgroups(groups->size(), groups->data())
                      : initgroups(account.name.c_str(), account.gid);
    };
    return geteuid() != 0 ||
           (set_groups() == 0 && setresgid(account.gid, account.gid, account.gid) == 0 &&
            setresuid(account.uid, account.uid, account.uid) == 0);
}

/// The child.
[[noreturn]] void answer(int to, const Account& account, const std::function<std::string()>& work,
                         const std::optional<std::vector<gid_t>>& groups) {
    const bool is_account = become(account, groups);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a change of the uid clears it
    if (!is_account)
        _exit(1);
    const auto bytes = work() + done;
    _exit(write_all(to, bytes) == bytes.size() ? 0 : 1);
}

/// What the child says until it ends, or the deadline comes.
std::string listen(int from, std::size_t most, Clock::time_point end) {
    std::string bytes;
    std::array<char, 16384> buffer{};
    while (bytes.size() <= most) {
        const auto left = std::chrono::ceil<milliseconds>(end - Clock::now()).count();
        pollfd ready{from, POLLIN, 0};
        if (left <= 0 || (poll(&ready, 1, static_cast<int>(left)) <= 0 && errno != EINTR))
            return {};
        const auto length = read(from, buffer.data(), buffer.size());
        if (length == 0)
            return bytes;
        if (length > 0)
            bytes.append(buffer.data(), static_cast<std::size_t>(length));
    }
    return {};
}

/// A child that the kernel does not let go is left to itself.
void end(pid_t child) {
    kill(child, SIGKILL);
    for (int i = 0; i < 200 && waitpid(child, nullptr, WNOHANG) == 0; ++i)
        std::this_thread::sleep_for(milliseconds{1});
}

} // namespace

std::optional<std::string> act_as(const Account& account, std::size_t most, milliseconds deadline,
                                  const std::function<std::string()>& work,
                                  const std::optional<std::vector<gid_t>>& groups) {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return std::nullopt;
    const UniqueFd from{ends[0]};
    UniqueFd to{ends[1]};
    const auto child = fork();
    if (child < 0)
        return std::nullopt;
    if (child == 0)
        answer(to.get(), account, work, groups);
    to = UniqueFd{};
    auto bytes = listen(from.get(), most + 1, Clock::now() + deadline);
    end(child);
    if (bytes.empty() || bytes.back() != done)
        return std::nullopt;
    bytes.pop_back();
    return bytes;
}

} // namespace sshpermd
