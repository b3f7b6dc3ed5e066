// Recorder: every change that sshpermctl makes goes on record, as the daemon's changes do.
#pragma once

#include "event/event.hpp"
#include "system/identity.hpp"

#include <string>

namespace sshpermd {

/// Sends events to the journal, or to standard error on a machine without one.
class Recorder {
  public:
    explicit Recorder(std::string version);

    void record(const Event& event);

  private:
    Stamper stamper_;
    bool to_journal_;
};

} // namespace sshpermd
