// The attacker: a process of an ordinary user that does one thing as fast as the machine allows.
#include "adversary/attacker.hpp"

#include "catch.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <grp.h>
#include <new>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace system_tests::adversary {

namespace {

Shared* share() {
    void* const memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::system_error(errno, std::generic_category(), "mmap");
    return new (memory) Shared{};
}

/// In its home first: while a repair holds that, the account itself cannot enter it.
bool become(const Account& account) {
    return ::chdir(account.home.c_str()) == 0 && ::setgroups(0, nullptr) == 0 &&
           ::setresgid(account.gid, account.gid, account.gid) == 0 &&
           ::setresuid(account.uid, account.uid, account.uid) == 0 &&
           ::prctl(PR_SET_DUMPABLE, 1) == 0; // /proc/self/fd stays one's own
}

} // namespace

Busy::Busy(const Account* as, Act act) : shared_{share()} {
    const auto parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ > 0)
        return;
    const bool is_ready = (as == nullptr || become(*as)) && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    while (is_ready && !shared_->over && ::getppid() == parent)
        for (int i = 0; i < 16 && !shared_->over; ++i)
            act(*shared_);
    ::_exit(is_ready ? 0 : 1);
}

bool Busy::stop() {
    if (pid_ <= 0)
        return true;
    shared_->over = true;
    int status = -1;
    const bool is_reaped = ::waitpid(pid_, &status, 0) == pid_;
    pid_ = -1;
    return is_reaped && status == 0;
}

unsigned long Busy::end() {
    CHECK(stop());
    return shared_->count;
}

Busy::~Busy() {
    stop();
    ::munmap(shared_, sizeof(Shared));
}

void pause_a_little(unsigned& seed) {
    for (volatile int i = static_cast<int>(rand_r(&seed) % 4000); i > 0;)
        i = i - 1;
}

void nap(std::chrono::microseconds time) {
    const timespec span{time.count() / 1'000'000, time.count() % 1'000'000 * 1000};
    ::nanosleep(&span, nullptr);
}

} // namespace system_tests::adversary
