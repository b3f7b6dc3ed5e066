// Death at a chown: a process that the kernel ends, as SIGKILL would, at one certain system call,
// however fast or slow the machine is.
#pragma once

#include <array>
#include <cstddef>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>

namespace tests {

/// A walk hands a file over with these flags of fchownat, and gives a directory back with those.
constexpr int hand_over_flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
constexpr int give_back_flags = AT_EMPTY_PATH;

/// From now on this process, and what it becomes, is dead before its first fchownat to `uid` with
/// just these flags is made. Uncatchable, with the status of SIGSYS. False when there is no
/// seccomp.
inline bool die_at_chown_to(uid_t uid, int flags) {
    // The low halves of arguments, on a little-endian machine.
    constexpr auto argument = [](int number) {
        return static_cast<__u32>(offsetof(seccomp_data, args) +
                                  sizeof(__u64) * static_cast<unsigned>(number));
    };
    constexpr auto load = [](__u32 at) { return sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, at}; };
    const auto unless = [](__u32 value, __u8 skipped) {
        return sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, skipped, value};
    };
    std::array<sock_filter, 8> filter{load(offsetof(seccomp_data, nr)),
                                      unless(SYS_fchownat, 5),
                                      load(argument(2)),
                                      unless(uid, 3),
                                      load(argument(4)),
                                      unless(static_cast<__u32>(flags), 1),
                                      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
                                      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

} // namespace tests
