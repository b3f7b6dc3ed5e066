// Memory: what was seen right, so that what is wrong later can be told from what was always so.
#pragma once

#include "keys/significant_lines.hpp"
#include "policy/account.hpp"
#include "policy/name_index.hpp"
#include "policy/packed.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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

    /// There will be so many accounts.
    void reserve(std::size_t accounts) {
        accounts_.reserve(accounts);
        by_name_.reserve(accounts);
    }

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

    /// Of the accounts that are no more (`is_known` says who is) so many stay remembered, and those
    /// of whom something is withheld.
    void forget_departed(std::size_t most, const std::function<bool(std::string_view)>& is_known);

    std::size_t size() const { return accounts_.size(); }

    /// Takes one record that `append` was given; false, and nothing done, when it is none, whoever
    /// made those bytes. Records nothing.
    bool replay(std::string_view record);

    /// Visits the records that make an empty memory this one; fewer than were appended.
    void visit_records(const std::function<void(const MemoryRecord&)>& visit) const;

    friend bool operator==(const Memory& a, const Memory& b);

  private:
    struct Thing {
        std::string_view name;
        std::string_view known;    ///< empty: none
        std::string_view withheld; ///< empty: none
    };
    using Things = std::vector<Thing>;
    /// Unpacked; refers into the packed bytes.
    struct Known {
        std::string_view user;
        uid_t uid = 0; ///< of the account that was seen; another one by this name is not known
        bool has_read_keys = false;
        Things things;
        std::string_view lines; ///< one behind the other, oldest first
    };

    static Known unpack(const PackedBytes& packed);
    static PackedBytes pack(const Known& known);
    static std::string_view user_of(const PackedBytes& packed);

    std::optional<std::uint32_t> id_of(std::string_view user) const;
    std::optional<Known> find(const Account& account) const;
    std::optional<Thing> find(const Account& account, std::string_view thing) const;
    static Thing& make(Things& things, std::string_view thing);
    static void add(Known& known, const std::vector<LineHash>& lines, std::string& all);
    static void release(Known& known, std::string_view thing);
    void update(const MemoryRecord& record);
    void forget_now(std::string_view user);

    /// Does what the record says, and has it kept; nothing when it is too large for a record.
    void change(const MemoryRecord& record);
    void apply(const MemoryRecord& record);

    std::vector<PackedBytes> accounts_; ///< in no order: of a hundred thousand all have little
    NameIndex by_name_;                 ///< into accounts_
    Append append_;
};

} // namespace sshpermd
