// Hold: a `.ssh` in which, for a moment, nobody but root can change a name.
#pragma once

#include "repair/report.hpp"
#include "system/handle.hpp"

#include <optional>

namespace sshpermd {

/// Takes a `.ssh` out of others' hands and puts it into the state its account is to have it in, at
/// the latest when it is destroyed. What is looked up by name in between stays what it is.
///
/// One of the account's own becomes root's, with a mode that no honest directory has: after SIGKILL
/// the next round recognises it (is_frozen) and finishes. One of root's is only closed to writing,
/// and judged again when found. sshd cannot read the keys meanwhile: it lasts some microseconds.
class Hold {
  public:
    /// `mark` is frozen_mode or frozen_unexposed_mode. The handle and the kernel outlive this.
    /// Throws std::system_error; then nothing is held.
    Hold(const Kernel& kernel, const Handle& ssh_dir, const Observed& was,
         const Expected& in_the_end, Mode mark);
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold();

    /// Ends it in the state it is to have; nothing when that worked.
    std::optional<Failure> release();

    /// The same with another mode.
    std::optional<Failure> release(Mode mode);

    /// Ends it in the state it had: what was held must not be given away.
    std::optional<Failure> give_up();

    /// Is it as the hold made it? Only root can have changed that.
    bool is_undisturbed() const;

    /// Ends it in the state it had, but for what somebody else has made of it meanwhile.
    std::optional<Failure> let_go();

  private:
    Expected before() const;
    std::optional<Failure> set(const Expected& state);

    const Kernel& kernel_;
    const Handle& ssh_dir_;
    Observed was_;
    Expected in_the_end_;
    Expected held_; ///< as it is meanwhile
    bool holding_ = true;
};

} // namespace sshpermd
