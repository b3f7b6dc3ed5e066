// In flight: what is being changed right now, kept where SIGKILL does not reach.
#pragma once

#include "repair/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// Slots in /run/sshpermd/changes, mapped into memory: filling one costs no system call and waits
/// for nobody. Whoever repairs holds the repair lock, so there is one owner at a time. A slot is
/// begun before the first system call of a change, done after the last, and free again when the
/// durable record has it.
class InFlight {
  public:
    using Slot = std::uint32_t;

    /// What a repairer that was killed left behind.
    struct Leftover {
        std::string user; ///< empty for a home root
        Target target = Target::home_root;
        std::string path; ///< its first 255 bytes
        Observed before;
        Expected expected;
        std::optional<Observed> after; ///< nothing: cut off, perhaps before it was changed
        std::int64_t time_us = 0;      ///< since 1970
    };

    /// Throws std::system_error.
    InFlight();
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    ~InFlight();

    /// Takes what was left by the one before, and frees it. Slots that make no sense are skipped.
    std::vector<Leftover> take_leftovers();

    /// Before a change. Nothing when all slots wait for the record: the change goes on without, and
    /// is counted. `report.observed` and `report.expected` say what is about to be changed.
    std::optional<Slot> begin(const Report& report);
    /// After it, with report.after.
    void done(Slot slot, const Report& report);
    /// It is in the durable record. For any thread.
    void free(Slot slot);

    /// Changes that found no slot.
    std::uint64_t without_slot() const;

  private:
    struct Page;
    Page* page_ = nullptr;
};

} // namespace sshpermd
