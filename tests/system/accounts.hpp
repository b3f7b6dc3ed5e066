// Accounts of the throw-away machine: their lines in /etc and their homes on a real file system.
#pragma once

#include "files.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace system_tests {

struct Account {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
    std::filesystem::path home;

    std::filesystem::path ssh_dir() const { return home / ".ssh"; }
    std::filesystem::path authorized_keys() const { return ssh_dir() / "authorized_keys"; }
};

inline Owner owner(const Account& account) { return {account.uid, account.gid}; }

/// Who else is in the account's primary group. Debian's sshd lets a group write that has no
/// member but the owner; upstream's never does.
enum class Group { of_its_own, shared };

/// All accounts above the system's own. Starts from none, from empty home roots, and with nothing
/// remembered of others.
class Accounts {
  public:
    Accounts();
    ~Accounts();
    Accounts(const Accounts&) = delete;
    Accounts& operator=(const Accounts&) = delete;

    /// An account whose home is as the policy wants it, with a key that logs in.
    Account add(const std::string& name, Group group = Group::of_its_own);
    /// The same for many, with one change of /etc/passwd: NAME1, NAME2, ...
    std::vector<Account> add(const std::string& name, int count);
    /// Only the lines in /etc; the home is left to the caller.
    Account enlist(const std::string& name, const std::filesystem::path& home,
                   Group group = Group::of_its_own);
    /// The lines only: what userdel does without -r.
    void dismiss(const Account& account);

  private:
    struct Line {
        Account account;
        Group group;
    };
    Account append(const std::string& name, const std::filesystem::path& home, Group group);
    void publish() const;

    std::string passwd_, group_, shadow_;
    std::vector<Line> lines_;
    uid_t next_ = 20000;
};

/// Makes the home as the policy wants it, with the tests' public key and some bystanders:
/// files of many modes, links, and a second key file, none of which is anybody's business.
void make_home(const Account& account);
/// The same below another path, to be swapped in.
void make_home(const Account& account, const std::filesystem::path& at);

/// The home and the directory it is in, there at once: a daemon that met the key half written would
/// rightly call the rest of it unknown.
void make_home_with_root(const Account& account, mode_t root);

} // namespace system_tests
