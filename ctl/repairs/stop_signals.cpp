#include "repairs/stop_signals.hpp"

#include <ctime>
#include <initializer_list>

namespace sshpermd {

StopSignals::StopSignals() {
    sigemptyset(&ending_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE})
        sigaddset(&ending_, number);
    sigemptyset(&suspending_);
    sigaddset(&suspending_, SIGTSTP);
    sigprocmask(SIG_BLOCK, &ending_, &before_);
    sigprocmask(SIG_BLOCK, &suspending_, nullptr);
}

StopSignals::~StopSignals() {
    is_over(); // one that comes now comes too late
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool StopSignals::is_over() {
    sigset_t pending;
    if (is_over_ || sigpending(&pending) != 0)
        return is_over_;
    if (sigismember(&pending, SIGTSTP) == 1) {
        sigprocmask(SIG_UNBLOCK, &suspending_, nullptr); // here it sleeps, until SIGCONT
        sigprocmask(SIG_BLOCK, &suspending_, nullptr);
    }
    constexpr timespec now{};
    is_over_ = sigtimedwait(&ending_, nullptr, &now) > 0;
    return is_over_;
}

} // namespace sshpermd
