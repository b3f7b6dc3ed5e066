// What must never change, within the attacker's reach; and who counts when it does.
#pragma once

#include "accounts.hpp"
#include "adversary/attacker.hpp"
#include "files.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace system_tests::adversary {

/// Files and directories of root's and of a neighbour's, held, so that they stay the same ones
/// whatever the attacker renames. Some of them he may even write, and so link; their content is
/// that of a key file, so that no gate but owner and links stands before them.
class Victims {
  public:
    struct Victim {
        std::filesystem::path path;
        Attributes right;
        bool is_secret;
        int held;
    };

    Victims(const Account& mallory, const Account& neighbour);
    ~Victims();
    Victims(const Victims&) = delete;
    Victims& operator=(const Victims&) = delete;

    const std::vector<Victim>& all() const { return all_; }
    /// The files and directories beside the attacker's home that he swaps with it.
    static std::vector<std::filesystem::path> siblings();
    /// Names go back to where they were, whatever the attacker renamed; what he deleted is made
    /// again. While no monitor looks.
    void put_back(const Account& mallory);

  private:
    void file(const std::filesystem::path& path, Attributes attributes);
    void directory(const std::filesystem::path& path, Attributes attributes);
    void hold(const std::filesystem::path& path, Attributes attributes);

    std::vector<Victim> all_;
};

/// Counts, from its beginning to its end: each change of a victim's mode or owner, which it puts
/// right again, and each time that the attacker could open a secret.
class Monitor {
  public:
    Monitor(const Victims& victims, const Account& mallory);
    unsigned long wins() const { return changes_.count() + reads_.count(); }
    unsigned long end() { return changes_.end() + reads_.end(); }
    /// For a failing test to show, after the end.
    std::string first() const { return changes_.first() + reads_.first(); }

  private:
    Busy changes_;
    Busy reads_;
};

} // namespace system_tests::adversary
