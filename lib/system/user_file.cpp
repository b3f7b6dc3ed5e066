#include "system/user_file.hpp"

#include "system/transfer.hpp"
#include "system/unique_fd.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace sshpermd {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// For good: no way back to root.
bool become(const Account& account) {
    return geteuid() != 0 || (initgroups(account.name.c_str(), account.gid) == 0 &&
                              setresgid(account.gid, account.gid, account.gid) == 0 &&
                              setresuid(account.uid, account.uid, account.uid) == 0);
}

UserFile read_here(const std::string& path, std::size_t most) {
    const UniqueFd fd{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0)
        return {std::nullopt, errno};
    if (!S_ISREG(about.st_mode))
        return {std::nullopt, not_a_regular_file};
    auto text = read_all(fd.get(), most);
    if (!text)
        return {std::nullopt, errno};
    if (text->size() > most)
        return {std::nullopt, EFBIG};
    return {std::move(text), 0};
}

/// The child: the errno, then the text.
[[noreturn]] void answer(int to, const Account& account, const std::string& path,
                         std::size_t most) {
    const bool is_account = become(account);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a change of the uid clears it
    const auto file = is_account ? read_here(path, most) : UserFile{std::nullopt, EPERM};
    std::string bytes(sizeof file.error, '\0');
    std::memcpy(bytes.data(), &file.error, sizeof file.error);
    bytes += file.text.value_or("");
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
    return bytes;
}

/// A child that the kernel does not let go is left to itself.
void end(pid_t child) {
    kill(child, SIGKILL);
    for (int i = 0; i < 200 && waitpid(child, nullptr, WNOHANG) == 0; ++i)
        std::this_thread::sleep_for(milliseconds{1});
}

} // namespace

UserFile read_as(const Account& account, const std::string& path, std::size_t most,
                 milliseconds deadline) {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return {std::nullopt, errno};
    const UniqueFd from{ends[0]};
    UniqueFd to{ends[1]};
    const auto child = fork();
    if (child < 0)
        return {std::nullopt, errno};
    if (child == 0)
        answer(to.get(), account, path, most);
    to = UniqueFd{};
    const auto bytes = listen(from.get(), most + sizeof(int), Clock::now() + deadline);
    end(child);
    if (bytes.size() < sizeof(int))
        return {std::nullopt, ETIMEDOUT};
    UserFile file;
    std::memcpy(&file.error, bytes.data(), sizeof file.error);
    if (file.error == 0)
        file.text = bytes.substr(sizeof file.error);
    return file;
}

} // namespace sshpermd
