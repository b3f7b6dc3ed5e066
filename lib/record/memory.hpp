// Memory: what was seen right, so that what is wrong later can be told from what was always so.
#pragma once

#include "keys/significant_lines.hpp"
#include "policy/account.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sshpermd {

/// Which file it is, however it is called: the handle that name_to_handle_at(2) gives (inode number
/// and generation; those alone collide). Empty where a file system has none: then nothing is known.
using FileIdentity = std::string;

/// What is remembered of one account: its home ("home"), its `.ssh` ("ssh_dir"), its key files by
/// their names, and the lines in them. An account that was made anew with another uid is another
/// account.
///
/// A value in memory. Each change is also given to `append` as one record of bytes, so that whoever
/// keeps them can replay() them; a Memory that was replayed is equal to the one that was recorded.
class Memory {
  public:
    using Append = std::function<void(std::string_view record)>;

    /// The most lines remembered for one account; beyond it the oldest are forgotten.
    static constexpr std::size_t most_lines = 256;

    /// Whom records go to from now on; nobody at first.
    void record_to(Append append);

    /// Has any round ever looked at this account's home on this machine?
    bool has_seen(const Account& account) const;
    void see(const Account& account);

    /// Is this the very object that was last found right under that name? Never for an empty
    /// identity.
    bool knows(const Account& account, std::string_view thing, const FileIdentity& identity) const;
    /// Nothing is recorded when it is known already.
    void learn(const Account& account, std::string_view thing, const FileIdentity& identity);

    bool knows_line(const Account& account, const LineHash& line) const;
    /// Adds to what is known; nothing is recorded when all are.
    void learn_lines(const Account& account, std::span<const LineHash> lines);

    /// A key file (or `.ssh`) that was closed because nobody vouches for what is in it: it stays
    /// closed as long as it is this object.
    bool is_withheld(const Account& account, std::string_view thing,
                     const FileIdentity& identity) const;
    void withhold(const Account& account, std::string_view thing, const FileIdentity& identity);
    void release(const Account& account, std::string_view thing);

    /// As if never seen.
    void forget(std::string_view user);
    void forget_all();

    /// Takes one record that `append` was given; false when it is none. Records nothing.
    bool replay(std::string_view record);

    /// The records that make an empty memory this one; fewer than were appended.
    std::vector<std::string> records() const;

    friend bool operator==(const Memory& a, const Memory& b) { return a.accounts_ == b.accounts_; }

  private:
    struct Thing {
        std::string name;
        FileIdentity known;    ///< empty: none
        FileIdentity withheld; ///< empty: none
        friend bool operator==(const Thing&, const Thing&) = default;
    };
    struct Known {
        uid_t uid = 0;
        std::vector<Thing> things;
        std::vector<LineHash> lines; ///< oldest first
        friend bool operator==(const Known&, const Known&) = default;
    };

    const Known* find(const Account& account) const;
    Known& make(const Account& account);

    std::unordered_map<std::string, Known> accounts_;
    Append append_;
};

} // namespace sshpermd
