// Recorder: every change that sshpermctl makes goes on record, as the daemon's changes do.
#pragma once

#include "event/event.hpp"
#include "policy/config.hpp"
#include "store/identity.hpp"
#include "store/in_flight.hpp"
#include "store/record_file.hpp"

#include <optional>
#include <string>

namespace sshpermd {

/// Appends events to the durable record, then sends them to the journal, or to standard error on a
/// machine without one. What cannot be recorded is said
/// once on standard error; the repair goes on.
class Recorder {
  public:
    /// Where an event is kept: changes of an image belong into no machine's record. Only
    /// `in_record` notes changes while they are made, for the holder of the repair lock; who holds
    /// another lock keeps them `in_record_beside` whoever has that one.
    enum class Kept { in_record, in_record_beside, in_journal_alone };

    explicit Recorder(std::string version, Kept kept = Kept::in_record);
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder();

    /// What a repairer that was killed left unrecorded, and what a walk that was killed left held.
    void tell_of_leftovers(const Config& config);

    void record(const Report& report, const Accounts& accounts);
    void record(const Event& event);

    /// Where changes are noted while they are made; nothing when that is not possible.
    InFlight* in_flight() { return in_flight_ ? &*in_flight_ : nullptr; }

  private:
    void settle_walk(const Config& config);
    void complain_once(const std::string& problem);

    Stamper stamper_;
    Kept kept_;
    bool to_journal_;
    RecordFile file_;
    std::optional<InFlight> in_flight_;
    bool complained_ = false;
};

} // namespace sshpermd
