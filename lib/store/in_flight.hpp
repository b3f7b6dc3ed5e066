// In flight: what is being changed right now, kept where SIGKILL does not reach.
#pragma once

#include "repair/interrupted.hpp"
#include "repair/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

inline constexpr const char* changes_path = "/run/sshpermd/changes";

/// Slots in /run/sshpermd/changes, mapped into memory: filling one costs no system call and waits
/// for nobody. Whoever repairs holds the repair lock, so there is one owner at a time. A slot is
/// begun before the first system call of a change, done after the last, and free again when the
/// durable record has it.
class InFlight {
  public:
    using Slot = std::uint32_t;

    /// What a repairer that was killed left behind.
    using Leftover = InterruptedChange;

    /// Makes the file anew when it makes no sense. Throws std::system_error.
    explicit InFlight(const std::string& path = changes_path);
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    ~InFlight();

    /// What was left by the one before. To be called once, before the first begin(): each keeps its
    /// slot until it is freed, so that being killed once more loses nothing. Slots that make no
    /// sense are freed and skipped.
    std::vector<Leftover> take_leftovers();

    /// Before a change. Nothing when all slots wait for the record: the change goes on without, and
    /// is counted. `report.observed` and `report.expected` say what is about to be changed.
    std::optional<Slot> begin(const Report& report);
    /// After it, with report.after.
    void done(Slot slot, const Report& report);
    /// It is in the durable record. For any thread.
    void free(Slot slot);

    /// Changes that found no slot.
    std::uint64_t without_slot() const { return without_slot_; }

  private:
    struct Page;

    Page* page_ = nullptr;
    Slot next_ = 0; ///< where to look for a free one first
    std::uint64_t without_slot_ = 0;
};

} // namespace sshpermd
