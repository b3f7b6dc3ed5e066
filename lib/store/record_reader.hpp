// The record read in parts, by those who follow it while it is written.
#pragma once

#include "store/record_file.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

/// Between two lines of the record. It stays good when more is appended; when its segment has gone
/// with the ring it is the beginning of the oldest that is left.
struct RecordPlace {
    std::uint64_t segment = 0;
    std::size_t offset = 0;
};

/// Opens the record for every call, so it may come and go. All throw std::system_error when it
/// cannot be read; a record that is not there is empty.
class RecordReader {
  public:
    using OpenDir = std::function<UniqueFd()>;

    explicit RecordReader(OpenDir open_dir = [] { return open_record_dir(StateUse::look); })
        : open_dir_(std::move(open_dir)) {}

    /// Behind the last line that there is now.
    RecordPlace end() const;

    /// Before the last so many lines.
    RecordPlace before_last(std::size_t lines) const;

    /// Behind the line of the event with this id; nothing when the record does not have it (any
    /// more).
    std::optional<RecordPlace> behind(std::string_view id) const;

    /// Before the first line that is not older than this, in RFC 3339 with microseconds in UTC.
    RecordPlace from(std::string_view time) const;

    struct Lines {
        std::string text; ///< whole lines, each with its end
        bool is_all = false;
    };

    /// The next lines, of up to `most_bytes` and `most_lines`, and moves the place behind them.
    /// Nothing while somebody is just writing: what is half written may yet be taken back.
    std::optional<Lines> read(RecordPlace& place, std::size_t most_bytes,
                              std::size_t most_lines) const;

  private:
    OpenDir open_dir_;
};

/// Is this the line of an event, as to_line() makes them? A look at its form, not at its JSON.
bool has_event_form(std::string_view line);

} // namespace sshpermd
