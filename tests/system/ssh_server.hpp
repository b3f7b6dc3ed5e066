// A real sshd on loopback and a real ssh client: does login by key work?
#pragma once

#include "accounts.hpp"
#include "process.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace system_tests {

/// The line that lets the tests' client in. The pair is made once per run.
const std::string& public_key();

/// A pair of one's own, made once per run.
struct KeyPair {
    std::filesystem::path secret;
    std::string line; ///< for an authorized_keys, with its newline
};
KeyPair key_pair(const std::string& name);

/// Does anything listen at this port of 127.0.0.1?
bool is_listening(int port);

/// One login by key: let in or not, and what the client was told.
struct Login {
    bool accepted = false;
    std::string message;
};

/// Runs until this goes; StrictModes as installed, no PAM, throw-away host key.
class SshServer {
  public:
    SshServer();

    /// One command by `ssh`, as an operator would try it.
    Login login(const Account& account) const;
    Login login(const Account& account, const KeyPair& with) const;
    /// What sshd wrote, for a failing test to show.
    std::string log() const { return sshd_->err(); }

  private:
    std::optional<Process> sshd_;
};

} // namespace system_tests
