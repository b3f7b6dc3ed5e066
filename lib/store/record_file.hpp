// The record's files: /var/lib/sshpermd/record/NNNNNNNN.jsonl, every event that there was.
#pragma once

#include "io/unique_fd.hpp"
#include "record/change_record.hpp"
#include "store/state_dir.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace sshpermd {

/// /var/lib/sshpermd/record, as open_state_dir() says of what it is in.
UniqueFd open_record_dir(StateUse use);

/// Appends lines. Several processes may: each append is one under a lock on the directory. What is
/// wrong with the disk is thrown and gone the next time; nothing is opened before it is needed.
class RecordFile {
  public:
    using OpenDir = std::function<UniqueFd()>;

    explicit RecordFile(
        OpenDir open_dir = [] { return open_record_dir(StateUse::change); }, RecordRing ring = {});

    /// Whole lines, each with its end: by one write(2), all of them or, when it throws
    /// std::system_error, none. What a crash or a power cut has torn is cut first.
    void append(std::string_view lines);

    /// Makes what was appended outlast a power cut; does nothing when there is nothing new. Throws
    /// std::system_error.
    void sync();

    bool is_dirty() const { return dirty_; }

  private:
    void open_newest();
    bool open_segment(std::uint64_t number);
    void leave_out_lost_pages();
    void leave_what_is_stale();
    std::size_t cut_torn_line();
    void begin_next();
    void let_go();

    OpenDir open_dir_;
    RecordRing ring_;
    UniqueFd dir_;
    UniqueFd segment_;
    std::uint64_t number_ = 0; ///< of the segment
    bool dirty_ = false;
    bool dir_dirty_ = false; ///< a segment was made
};

/// Gives every line of the record, the oldest first; also while it is written. What is no event
/// line is left out. Throws std::system_error when a segment cannot be read.
void read_record(int dir, const std::function<void(std::string_view line)>& each);

} // namespace sshpermd
