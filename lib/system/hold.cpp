#include "system/hold.hpp"

#include "finding/gate.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sshpermd {

Hold::Hold(const Kernel& kernel, const Handle& ssh_dir, const Observed& was,
           const Expected& in_the_end, Mode mark)
    : kernel_(kernel), ssh_dir_(ssh_dir), was_(was), in_the_end_(in_the_end) {
    const bool is_roots = was.owner == 0 && !is_frozen(was);
    const Mode closed = is_roots ? was.mode & ~Mode{0022} : mark;
    held_ = {closed, 0, was.owner == 0 ? was.group : 0};
    if (was.owner == 0 && closed == was.mode)
        return;
    // The mark first, so that what is cut off in between is found marked; and again, because the
    // owner could have taken it back until then.
    if (was.owner != 0 && (change_mode(kernel, ssh_dir.fd(), closed) != 0 ||
                           fchownat(ssh_dir.fd(), "", 0, 0, AT_EMPTY_PATH) != 0)) {
        const auto error = errno;
        give_up();
        throw std::system_error(error, std::generic_category(), "take the directory for a moment");
    }
    if (change_mode(kernel, ssh_dir.fd(), closed) != 0) {
        const auto error = errno;
        give_up();
        throw std::system_error(error, std::generic_category(), "close the directory for a moment");
    }
}

Hold::~Hold() {
    if (holding_)
        give_up();
}

std::optional<Failure> Hold::release() { return release(in_the_end_.mode); }

std::optional<Failure> Hold::release(Mode mode) {
    return set({mode, in_the_end_.owner, in_the_end_.group});
}

/// A frozen one, found so, never belonged to root in earnest.
Expected Hold::before() const {
    return is_frozen(was_) ? in_the_end_ : Expected{was_.mode, was_.owner, was_.group};
}

std::optional<Failure> Hold::give_up() { return set(before()); }

bool Hold::is_undisturbed() const {
    const auto now = ssh_dir_.observe();
    return now.mode == held_.mode && now.owner == held_.owner && now.group == held_.group;
}

std::optional<Failure> Hold::let_go() {
    const auto now = ssh_dir_.observe();
    const auto was = before();
    const bool is_owned_as_held = now.owner == held_.owner && now.group == held_.group;
    return set({now.mode == held_.mode ? was.mode : now.mode,
                is_owned_as_held ? was.owner : now.owner,
                is_owned_as_held ? was.group : now.group});
}

std::optional<Failure> Hold::set(const Expected& state) {
    holding_ = false;
    // What stays closed is closed before its owner has it back.
    if (state.mode == Mode{0} && change_mode(kernel_, ssh_dir_.fd(), state.mode) != 0)
        return Failure{errno, "close the directory"};
    // The mark stays until the account has it back: cut off in between, it is found either way.
    if (state.owner != 0 &&
        fchownat(ssh_dir_.fd(), "", state.owner, state.group, AT_EMPTY_PATH) != 0)
        return Failure{errno, "give the directory to its owner"};
    if (change_mode(kernel_, ssh_dir_.fd(), state.mode) != 0)
        return Failure{errno, "set the directory's mode to " + to_string(state.mode)};
    return std::nullopt;
}

} // namespace sshpermd
