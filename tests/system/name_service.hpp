// A directory service that does as it is told: nss_module.cpp, asked before /etc/passwd.
#pragma once

#include "accounts.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace system_tests {

/// Installed in this throw-away machine as long as it lives.
class NameService {
  public:
    /// `mode`: answer, hang, late (5 s a call), err (not there), partial (lists one account only).
    explicit NameService(const std::string& mode);
    ~NameService();
    NameService(const NameService&) = delete;
    NameService& operator=(const NameService&) = delete;

    void become(const std::string& mode);
    /// An account that no file of /etc has, with its home.
    Account add(const std::string& name);
    void dismiss(const Account& account);

  private:
    void publish() const;

    std::string nsswitch_;
    std::vector<Account> accounts_;
};

/// Makes a daemon ask for the accounts again: /etc/passwd is renamed into place.
void rewrite_passwd();

/// The process that a daemon asks for accounts by, a zombie too.
std::optional<pid_t> account_child(pid_t daemon);

} // namespace system_tests
