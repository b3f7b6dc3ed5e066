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

struct MemoryRecord;

/// Which file it is, however it is called: the handle that name_to_handle_at(2) gives (inode number
/// and generation; those alone collide). Empty where a file system has none: then nothing is known.
using FileIdentity = std::string;

/// What is remembered of one account: its home ("home"), its `.ssh` ("ssh_dir"), its key files by
/// their names, and the lines in them. An account that was made anew with another uid is another
/// account.
///
/// A value in memory. Each change is also given to `append` as one record of bytes, so that whoever
/// keeps them can replay() them; a Memory that was replayed is equal to the one that was recorded.
///
/// What does not fit into a record (names above 255 bytes, identities above 136 or empty) is not
/// remembered. Whatever is remembered of an account, it counts as seen.
class Memory {
  public:
    using Append = std::function<void(std::string_view record)>;

    /// The most lines remembered for one account; beyond it the oldest are forgotten.
    static constexpr std::size_t most_lines = 256;
    /// The most things remembered for one account; beyond it the oldest that is not withheld is
    /// forgotten.
    static constexpr std::size_t most_things = 16;

    /// Whom records go to from now on; nobody at first.
    void record_to(Append append);

    /// Has any round ever looked at this account's home on this machine?
    bool has_seen(const Account& account) const;
    void see(const Account& account);

    /// Were this account's key files ever read, so that an unknown key is a new one? Until then the
    /// account is as new, whatever else is known of it.
    bool has_read_keys(const Account& account) const;
    void read_keys(const Account& account);

    /// Is this the very object that was last found right under that name? Never for an empty
    /// identity.
    bool knows(const Account& account, std::string_view thing, const FileIdentity& identity) const;
    /// Nothing is recorded when it is known already.
    void learn(const Account& account, std::string_view thing, const FileIdentity& identity);

    bool knows_line(const Account& account, const LineHash& line) const;
    /// Adds to what is known; nothing is recorded when all are. Of more than most_lines the first
    /// count; when there is no room for all, these are the last to be forgotten.
    void learn_lines(const Account& account, std::span<const LineHash> lines);

    /// A key file (or `.ssh`) that was closed because nobody vouches for what is in it: it stays
    /// closed as long as it is this object.
    bool is_withheld(const Account& account, std::string_view thing,
                     const FileIdentity& identity) const;
    /// For an empty identity nothing: the caller cannot leave it to the memory to keep that closed.
    void withhold(const Account& account, std::string_view thing, const FileIdentity& identity);
    void release(const Account& account, std::string_view thing);

    /// As if never seen.
    void forget(std::string_view user);
    void forget_all();

    /// Takes one record that `append` was given; false, and nothing done, when it is none, whoever
    /// made those bytes. Records nothing.
    bool replay(std::string_view record);

    /// The records that make an empty memory this one; fewer than were appended.
    std::vector<std::string> records() const;

    friend bool operator==(const Memory& a, const Memory& b) { return a.accounts_ == b.accounts_; }

  private:
    /// Refers into Known::things.
    struct Thing {
        std::string_view name;
        std::string_view known;    ///< empty: none
        std::string_view withheld; ///< empty: none
    };
    using Things = std::vector<Thing>;
    struct Known {
        uid_t uid = 0; ///< of the account that was seen; another one by this name is not known
        bool has_read_keys = false;
        std::string things; ///< packed: of a hundred thousand accounts nearly all have the same few
        std::vector<LineHash> lines; ///< oldest first
        friend bool operator==(const Known&, const Known&) = default;
    };

    static Things unpack(std::string_view packed);
    static std::string pack(const Things& things);

    const Known* find(const Account& account) const;
    std::optional<Thing> find(const Account& account, std::string_view thing) const;
    Known& make(const std::string& user, uid_t uid);
    static Thing& make(Things& things, std::string_view thing);
    void learn_or_withhold(const MemoryRecord& record);
    static void add(Known& known, const std::vector<LineHash>& lines);
    void release(const MemoryRecord& record);

    /// Does what the record says, and has it kept; nothing when it is too large for a record.
    void change(const MemoryRecord& record);
    void apply(const MemoryRecord& record);

    std::unordered_map<std::string, Known> accounts_;
    Append append_;
};

} // namespace sshpermd
