// Tree progress: how far a walk over a home is, on a terminal.
#pragma once

#include "options.hpp"
#include "reconcile/tree_repair.hpp"

#include <chrono>
#include <cstdint>

namespace sshpermd {

/// One line of stderr that is written over: how many files, how many a second, how many are left.
class TreeProgress {
  public:
    explicit TreeProgress(const Options& options);

    bool is_shown() const { return is_shown_; }

    /// How many there are, as far as that is known.
    void expect(std::uint64_t files) { expected_ = files; }

    void show(const TreeTally& tally);
    void clear();

  private:
    using Clock = std::chrono::steady_clock;

    bool is_shown_;
    bool is_there_ = false;
    std::uint64_t expected_ = 0;
    Clock::time_point begun_ = Clock::now();
    Clock::time_point next_ = begun_;
};

/// How many files there are below a home of the account's, without looking at any of them.
std::uint64_t count_files(const Kernel& kernel, const Handle& home, uid_t account,
                          const std::function<bool()>& go_on);

} // namespace sshpermd
