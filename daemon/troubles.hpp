// Troubles: the one place that knows what keeps the daemon from doing all of its job right now.
#pragma once

#include "event/status.hpp"

#include <string>
#include <vector>

namespace sshpermd {

/// Each trouble is begun by an event that names it, and ended by a daemon.recovered that does. A
/// trouble about a path (of the event's file) is another one for each path.
class Troubles {
  public:
    /// Takes note of what the event says. False when that is known already, and the event not
    /// worth telling: it lasts, or it never was.
    bool take_note(const Event& event);

    /// For a trouble that somebody else tells of.
    void begin(Trouble trouble, Severity severity, std::string message);
    void end(Trouble trouble, const std::string& path = {});

    /// Another keeper begins: what the one before was in trouble with may be over.
    void doubt();

    /// The new keeper has seen everything: what it did not confirm is over.
    std::vector<Event> settle();

    const std::vector<Degradation>& list() const { return list_; }

    bool has(Trouble trouble, const std::string& path = {}) const;

    /// "Degraded: MESSAGE (and 2 more); ", or nothing.
    std::string headline() const;

  private:
    std::vector<Degradation> list_;
    std::vector<Degradation> doubted_;
};

} // namespace sshpermd
