// Advice: the commands that an explanation ends with, for the machine that it is about.
#pragma once

#include "system/sysroot.hpp"

#include <string>

namespace sshpermd {

/// About an image no command is given that would act on this machine, follow a link of the image's,
/// or run a program of it: where there is no other, the command is empty.
class Advice {
  public:
    explicit Advice(const Sysroot& root) : root_(root) {}

    /// "sshpermctl COMMAND REST", with --root where it belongs.
    std::string sshpermctl(const std::string& command, const std::string& rest) const;

    /// "COMMAND PATH", of what the path leads to.
    std::string on(const std::string& command, const std::string& path) const;
    /// The same of the name itself, whatever it leads to.
    std::string on_name(const std::string& command, const std::string& path) const;

    /// Moves a name to the one beside it that ends in ".away".
    std::string put_aside(const std::string& path) const;

    /// "usermod OPTIONS USER".
    std::string usermod(const std::string& options, const std::string& user) const;

    /// Of a machine that runs; nothing for an image, or another command.
    std::string live(std::string command, std::string of_image = {}) const;

    /// Host keys that are missing.
    std::string make_host_keys() const;

  private:
    bool is_plain(const std::string& dir) const;

    Sysroot root_;
};

/// Both, or nothing where one of them is not there.
std::string both(const std::string& first, const std::string& second);

} // namespace sshpermd
