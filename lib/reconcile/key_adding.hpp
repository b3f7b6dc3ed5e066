// Key adding: a new line in an account's key file, while nobody else can change a name beside it.
#pragma once

#include "event/addition.hpp"
#include "keys/key_list.hpp"
#include "keys/new_key.hpp"
#include "policy/homes.hpp"
#include "reconcile/chain.hpp"
#include "reconcile/repairer.hpp"
#include "reconcile/round.hpp"
#include "record/memory.hpp"
#include "system/hold.hpp"

#include <optional>
#include <string>

namespace sshpermd {

/// Which key, and where.
struct WantedKey {
    NewKey key;
    KeyRules rules;
    std::string file;           ///< the key file's name in `.ssh`
    std::string image_dir = {}; ///< where the image is that it is in; empty: this machine
};

/// What came of it. When it was added, `made` has the slot that its record frees.
struct AddedKey {
    Addition addition;
    Report made;
};

/// Nothing has become of it yet.
Addition blank_addition(const WantedKey& wanted, const Home& home);

/// What a round, made for it a moment ago, left in the way of adding a key: nothing is added to
/// what was refused or withheld, or could not be put right. Nothing when nothing is in the way.
std::optional<Addition> obstacle_to(const WantedKey& wanted, const Home& home,
                                    const RootRound& root, const HomeRound& found);

/// Adds a key to a chain that was looked at a moment ago, or, with Hand::look, says what would
/// come of it. Holds `.ssh`, opens the file in it again, judges it and reads it, and puts a new one
/// with all its bytes and the line in its place: the name stands for the old file or the new one,
/// never for half of one. Where there is no `.ssh` the home is held, and a whole one moved into it.
class KeyAdding {
  public:
    /// All outlive this.
    KeyAdding(Repairer& repairer, Memory& memory, const WantedKey& wanted, const Home& home,
              Chain& chain);

    AddedKey run();

  private:
    bool is_fit();
    bool is_fit(const Link& link);
    void look();
    void add_to_ssh_dir(Link& ssh_dir);
    void add_to_held(const Link& ssh_dir);
    void add_to_file(const Handle& dir, const Handle& file);
    void make_file_in(const Handle& dir);
    void make_ssh_dir_in(Link& home);
    bool still_stands(const Link& ssh_dir) const;
    bool is_wanted_in(const std::string& text);
    void end(Link& held, std::optional<Failure> released, Repairer::Clock::time_point begun);
    void refuse(RefusalReason reason);
    void refuse(std::string reason, std::string why, std::string fix = {});
    void fail(const Failure& failure);
    Expected expected(Target target) const;

    Repairer& repairer_;
    Memory& memory_;
    const WantedKey& wanted_;
    const Home& home_;
    Chain& chain_;
    AddedKey result_;
};

} // namespace sshpermd
