// Progress: how far the daemon is with a repair, on a terminal.
#pragma once

#include "options.hpp"

#include <string_view>

namespace sshpermd {

/// Takes what the line of stderr says away.
void clear_line();

/// One line of stderr that is written over, and gone before anything else is said. Nothing when
/// stderr is no terminal, or quiet was asked for.
class Progress {
  public:
    explicit Progress(const Options& options);

    /// False for a line that is not one of progress (docs/socket.md).
    bool show(std::string_view line);

    void clear();

  private:
    bool is_shown_;
    bool is_there_ = false;
};

} // namespace sshpermd
