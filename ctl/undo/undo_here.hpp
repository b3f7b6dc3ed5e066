// Undoing in this process: what the record says of a repair, held against what there is now.
#pragma once

#include "event/undo.hpp"
#include "policy/homes.hpp"
#include "reconcile/undoing.hpp"
#include "repairs/recorder.hpp"
#include "store/memory_file.hpp"
#include "system/machine.hpp"
#include "undo/past_repairs.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

UndoRequest request_of(const PastRepair& repair);

/// The state that is given back.
Expected state_before(const PastRepair& repair);

Undo refusal(const PastRepair& repair, std::string reason, std::string why, std::string fix = {});

/// What the record alone says against undoing it; nothing when it says nothing.
std::optional<Undo> objection(const PastRepair& repair, const PastRepairs& past,
                              const Accounts& accounts);

/// Could others have written, as it was, what sshd would trust?
bool was_exposed(const PastRepair& repair);

/// One repair after the other; with Hand::look nothing is changed.
class UndoHere {
  public:
    /// The configuration and the recorder, if there is one, outlive this.
    UndoHere(const Config& config, Hand hand, Recorder* recorder);

    const Accounts& accounts() const { return *accounts_; }
    const Home* home_of(const std::string& user) const;
    /// Why there is none of an account: a sentence.
    std::string why_no_home(const std::string& user) const;

    Undo run(const PastRepair& repair);

  private:
    const Config& config_;
    std::shared_ptr<const Accounts> accounts_;
    uid_t uid_min_;
    std::vector<Home> homes_;
    MemoryFile memory_;
    Recorder* recorder_;
    Machine machine_;
    Round round_;
};

} // namespace sshpermd
