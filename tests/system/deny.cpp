// System calls that a sandbox, or an older kernel, does not have, or that are the last of a
// process: seccomp filters.
#include "deny.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <map>
#include <sstream>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace system_tests {

namespace {

/// By their own numbers, which not every libc knows.
const std::map<std::string, unsigned>& numbers() {
    static const std::map<std::string, unsigned> all{
        {"openat2", 437}, {"fchmodat2", 452}, {"statx", SYS_statx}};
    return all;
}

constexpr sock_filter statement(unsigned code, unsigned value) {
    return {static_cast<__u16>(code), 0, 0, value};
}

} // namespace

CommandLine without_calls(const std::string& error, const std::string& calls,
                          const Arguments& command) {
    Arguments words{std::filesystem::read_symlink("/proc/self/exe"), deny_word, error, calls};
    words.insert(words.end(), command.begin(), command.end());
    return {words};
}

void deny_and_become(char** arguments) {
    const unsigned error = std::string{arguments[0]} == "EPERM" ? EPERM : ENOSYS;
    std::vector<sock_filter> filter{
        statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    std::istringstream calls{arguments[1]};
    for (std::string call; std::getline(calls, call, ',');) {
        filter.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, numbers().at(call)});
        filter.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
    }
    filter.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        ::execvp(arguments[2], arguments + 2);
    std::perror("deny-calls");
    ::_exit(127);
}

CommandLine dying_at(const tests::Call& call, const Arguments& command) {
    std::ostringstream words;
    words << call.number;
    for (const auto& [position, value] : call.arguments)
        words << ' ' << position << ' ' << value;
    Arguments all{std::filesystem::read_symlink("/proc/self/exe"), die_word, words.str()};
    all.insert(all.end(), command.begin(), command.end());
    return {all};
}

void become_one_that_dies(char** arguments) {
    tests::Call call;
    std::istringstream words{arguments[0]};
    words >> call.number;
    for (std::pair<unsigned, unsigned> argument; words >> argument.first >> argument.second;)
        call.arguments.push_back(argument);
    if (tests::die_at(call))
        ::execvp(arguments[1], arguments + 1);
    std::perror("die-at");
    ::_exit(127);
}

} // namespace system_tests
