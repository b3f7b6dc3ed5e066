// Death at a call: a process that the kernel ends, as SIGKILL would, at one certain system call,
// however fast or slow the machine is.
#pragma once

#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace tests {

/// A system call by its number, and the low halves of arguments by their positions.
struct Call {
    unsigned number = 0;
    std::vector<std::pair<unsigned, unsigned>> arguments;
};

/// A walk hands the first file over to `uid`, or gives it its directory back.
inline Call handing_over(uid_t uid) {
    return {SYS_fchownat, {{2, uid}, {4, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW}}};
}
inline Call giving_back(uid_t uid) { return {SYS_fchownat, {{2, uid}, {4, AT_EMPTY_PATH}}}; }

/// A new directory is put in its place, where none is.
inline Call putting_in_place() { return {SYS_renameat2, {{4, 1U /* RENAME_NOREPLACE */}}}; }

/// An event is written into the record.
inline Call recording() { return {SYS_flock, {{1, LOCK_EX}}}; }

/// From now on this process, and what it becomes, is dead before it makes such a call. Uncatchable,
/// with the status of SIGSYS. False when there is no seccomp. On little-endian machines.
inline bool die_at(const Call& call) {
    constexpr auto load = [](std::size_t at) {
        return sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<__u32>(at)};
    };
    std::vector<sock_filter> filter{load(offsetof(seccomp_data, nr))};
    const auto require = [&](unsigned value, std::size_t arguments_left) { // or it is another call
        const auto to_the_end = static_cast<__u8>(2 * arguments_left + 1);
        filter.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, to_the_end, value});
    };
    auto left = call.arguments.size();
    require(call.number, left);
    for (const auto& [position, value] : call.arguments) {
        filter.push_back(load(offsetof(seccomp_data, args) + sizeof(__u64) * position));
        require(value, --left);
    }
    filter.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS});
    filter.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// As what a shell would say of it.
constexpr int death_status = 128 + SIGSYS;

} // namespace tests
