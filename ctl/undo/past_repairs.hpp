// Past repairs: what the record has of repairs, and which of them were taken back already.
#pragma once

#include "event/undo.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

class PastRepairs {
  public:
    /// Reads the durable record as it is now. Throws std::system_error when it cannot be read.
    PastRepairs();

    /// Goes over the repairs, the newest first, for as long as `each` is true.
    void each_newest_first(const std::function<bool(PastRepair)>& each) const;

    /// The line of the event with this id; nothing when the record has none, or it is no repair and
    /// nothing that was withheld.
    std::optional<std::string> line_of(std::string_view id) const;

    bool is_undone(const std::string& id) const { return undone_.contains(id); }

  private:
    std::vector<std::string> lines_; ///< the oldest first
    std::set<std::string> undone_;
};

/// Is this how the id of an event looks?
bool is_event_id(std::string_view text);

/// What `--trust-content` takes, of the line of a repair.withheld; empty for any other.
std::string withheld_hash(std::string_view line);

} // namespace sshpermd
