// Held repair: making a chain right while nobody else can change a name in it.
#pragma once

#include "reconcile/chain.hpp"
#include "reconcile/repairer.hpp"
#include "reconcile/takeover.hpp"
#include "record/memory.hpp"
#include "record/trust.hpp"
#include "system/content.hpp"
#include "system/hold.hpp"

#include <functional>
#include <optional>

namespace sshpermd {

/// Repairs one chain: holds its `.ssh`, opens every name in it again, judges again what it finds,
/// changes that and nothing else, and gives `.ssh` back.
///
/// Where the chain was exposed, or something in it withheld, all that sshd would trust afterwards
/// is judged by its content, too, before any link becomes right: a key file that nobody vouches for
/// is closed (0000), and where that is not possible `.ssh` is. At no moment could sshd accept what
/// was not judged: an exposed home is shut to others first, in a state that sshd refuses.
///
/// Root, and where a thing is still its own the account, can change a mode meanwhile, and often
/// does: `chmod -R` comes to `.ssh` after the home. What was opened again is left so and looked at
/// again: set right at once, it would not be on record, and somebody could have used it after it
/// was judged.
class HeldRepair {
  public:
    /// All outlive this. The last look goes on, whatever somebody changes meanwhile.
    HeldRepair(Repairer& repairer, Memory& memory, const Grounds& grounds, const Vouchers& vouchers,
               Chain& chain, bool is_last_look);

    enum class Outcome {
        done,
        /// A name changed before it was held, or a state while it was. What has an action came to
        /// something.
        look_again,
    };

    /// Throws std::system_error; then what was held is given back as it was found.
    Outcome run();

  private:
    Outcome leave_disturbed();
    bool is_as_closed(const Link& key) const;
    bool hold_ssh_dir();
    std::optional<Failure> shut_home();
    bool names_still_stand() const;
    void repair_key(Link& key);
    bool open_again(Link& key);
    void settle_content(Link& key);
    SettledContent read(const Link& key) const;
    bool replace(Link& key, const KeyFileContent& content);
    void stay_closed(Link& key);
    void withhold(Link& link, const std::function<std::optional<Failure>()>& close);
    void release_ssh_dir();
    void settle_home();
    void share_content();

    Repairer& repairer_;
    Memory& memory_;
    const Grounds& grounds_;
    const Vouchers& vouchers_;
    Chain& chain_;
    const bool is_last_look_;
    const bool judges_; ///< contents, too
    bool is_disturbed_ = false;
    bool cannot_be_judged_ = false; ///< something that sshd may trust, and that we cannot close
    bool home_is_shut_ = false;
    Repairer::Clock::time_point ssh_dir_begun_{};
    std::optional<Hold> hold_;
};

} // namespace sshpermd
