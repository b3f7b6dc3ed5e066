// The stage of the adversary: his home, what he may give the repairer to swallow, and his time.
#pragma once

#include "accounts.hpp"

#include <chrono>
#include <filesystem>
#include <vector>

namespace system_tests::adversary {

using Clock = std::chrono::steady_clock;

/// For one attack: SSHPERMD_ATTACK_SECONDS; else 60 s when SSHPERMD_LONG is 1, and a short run.
std::chrono::milliseconds duration();
/// Neither of the two is set: there is no time for everything.
bool is_short();

constexpr int stashed = 64;

/// Root's files that may be given away, where the attacker can reach them.
class Stash {
  public:
    explicit Stash(const Account& mallory);
    ~Stash();
    Stash(const Stash&) = delete;
    Stash& operator=(const Stash&) = delete;

    void fill() const;

  private:
    int dir_ = -1;
};

/// Directories beside the attacker's home, and their names, which he swaps while /home is open.
class Siblings {
  public:
    explicit Siblings(std::vector<std::filesystem::path> names);
    ~Siblings();
    Siblings(const Siblings&) = delete;
    Siblings& operator=(const Siblings&) = delete;

    /// Each directory gets its name again, and /home is closed.
    void put_back() const;

  private:
    std::vector<std::filesystem::path> names_;
    std::vector<int> held_;
};

/// Makes the attacker's .ssh what it was, whatever he left.
void start_over(const Account& mallory);

/// A careful recipe, by path: a look at type, owner and links, then chown and chmod.
void repair_by_path(const Account& mallory);

} // namespace system_tests::adversary
