// A real home in a throw-away home root, for tests of whole rounds. Needs root.
#pragma once

#include "policy/homes.hpp"
#include "reconcile/round.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sshpermd {

/// With and without the newer system calls: both ways must come out the same.
Kernel kernel_variant();

/// /var/lib/sshpermd-test.XXXXXX: a home root that rule and kernel alike accept (root's, nobody
/// else writes on the way), removed with everything in it in the end.
class TempRoot {
  public:
    TempRoot();
    TempRoot(const TempRoot&) = delete;
    TempRoot& operator=(const TempRoot&) = delete;
    ~TempRoot();

    std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

/// One account's home below a TempRoot of its own, compliant when made: home, .ssh and one key.
class TempHome {
  public:
    static constexpr uid_t uid = 61001;
    static constexpr gid_t gid = 61001;
    static constexpr gid_t second_gid = 61002; ///< a group the account is not in

    explicit TempHome(const std::string& name = "alice");

    Config config; ///< with this home root; change it before a round
    Kernel kernel = Kernel::detect();
    Chroots::Places sshd;         ///< the machine's own
    Memory memory;                ///< what the rounds know, and learn
    Learn learn = Learn::content; ///< as a daemon that has looked at everybody
    Word word;                    ///< the operator's

    std::string root() const { return root_.path(); }
    std::string path(const std::string& below = "") const;

    void chmod(const std::string& below, unsigned mode) const;
    void chown(const std::string& below, uid_t owner, gid_t group) const;
    void remove(const std::string& below) const;
    void write(const std::string& below, const std::string& text) const; ///< keeps owner and mode
    Observed look(const std::string& below) const;                       ///< never through a link
    Mode mode(const std::string& below) const { return look(below).mode; }

    struct Rounds {
        Report root;
        std::vector<Report> reports;

        const Report& of(Target target) const; ///< fails the test when there is none
    };

    Account account() const { return {"alice", uid, gid, path()}; }
    /// The home, `.ssh` and the key file as the policy wants them.
    bool is_right() const;
    /// Opens all three to everybody.
    void open_up() const;

    /// One round over the root and this home.
    Rounds round(Hand hand = Hand::repair, const Round::Gate& gate = {});

  private:
    TempRoot root_;
    std::string name_;
    std::shared_ptr<const Accounts> accounts_; ///< of the last round, whose reports refer to it
    std::vector<Home> homes_;
};

} // namespace sshpermd
