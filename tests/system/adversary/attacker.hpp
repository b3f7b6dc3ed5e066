// The attacker: a process of an ordinary user that does one thing as fast as the machine allows.
#pragma once

#include "accounts.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>

namespace system_tests::adversary {

/// Numbers in memory that a child shares with the test.
struct Shared {
    std::atomic<bool> over{false};
    std::atomic<unsigned long> count{0};
    std::array<char, 256> first{}; ///< what was counted first, in words; whole once it has ended
};

/// A child that runs `act` until the object goes or end() is called: as the account and in its
/// home, or as root when there is none. `act` may count. No exception may leave it.
class Busy {
  public:
    using Act = std::function<void(Shared&)>;
    Busy(const Account* as, Act act);
    ~Busy();
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

    unsigned long count() const { return shared_->count; }
    /// What it counted first, where it says so; for after its end.
    std::string first() const { return shared_->first.data(); }
    /// Ends it and fails the test when it did not run as it should; what it counted.
    unsigned long end();

  private:
    bool stop();

    Shared* shared_;
    pid_t pid_ = -1;
};

/// What an attacker tries may fail.
inline bool attempt(long result) { return result >= 0; }

void pause_a_little(unsigned& seed);

/// He sleeps now and then, so that the defender is not merely starved.
void nap(std::chrono::microseconds time);

} // namespace system_tests::adversary
