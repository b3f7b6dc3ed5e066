// Disk: the root volume of another machine, a real file system on a loop device.
#pragma once

#include "files.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace system_tests {

inline constexpr Owner disk_root{0, 0};
inline constexpr Owner disk_alice{30001, 30001};
inline constexpr Owner disk_bob{30002, 30002};

/// Accounts that this machine has not, alice and bob, and no sshd. One at a time.
class Disk {
  public:
    explicit Disk(const std::string& file_system);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    void make_home(const std::string& name, Owner owner) const;

    /// What an sshd has: a program, whose every run leaves `ran`, and a configuration.
    void give_sshd() const;
    /// A part of that configuration.
    void configure(const std::string& lines) const;

    const std::filesystem::path file = "/srv/disk.img";
    const std::filesystem::path at = "/srv/disk";
    const std::filesystem::path ran = "/srv/ran";
    const std::filesystem::path home = at / "home/alice";
    const std::filesystem::path ssh_dir = home / ".ssh";
    const std::filesystem::path keys = ssh_dir / "authorized_keys";
};

/// Modes, owners, sizes and times of all that this machine has in /etc. Not its inodes: an overlay
/// numbers them anew.
std::string state_of_etc();

} // namespace system_tests
