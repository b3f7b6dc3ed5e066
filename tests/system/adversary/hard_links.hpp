// fs.protected_hardlinks, which is the whole machine's: off for a while, and surely on again.
#pragma once

#include <string>

namespace system_tests::adversary {

/// While one of these lives, users may link what they cannot write. One test at a time, on the
/// whole machine: the others wait. What was is written down first, and namespace.sh has a keeper
/// outside that restores it when this process is killed.
class UnprotectedHardLinks {
  public:
    UnprotectedHardLinks();
    ~UnprotectedHardLinks();
    UnprotectedHardLinks(const UnprotectedHardLinks&) = delete;
    UnprotectedHardLinks& operator=(const UnprotectedHardLinks&) = delete;

    /// Why it could not be done; empty when it was.
    const std::string& obstacle() const { return obstacle_; }

  private:
    void let_go();

    int lock_ = -1;
    std::string obstacle_;
};

} // namespace system_tests::adversary
