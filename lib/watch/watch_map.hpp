// The watch map: which watch descriptor stands for what, and what a change there means.
#pragma once

#include "policy/target.hpp"
#include "watch/inotify_buffer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// A watched directory.
enum class PlaceKind : std::uint8_t {
    above_root,    ///< the nearest existing directory above a home root
    home_root,     ///< the parent of homes
    home,          ///< one account's home, for its .ssh
    ssh_dir,       ///< one account's .ssh, for itself and its key files
    account_files, ///< /etc, for passwd and group
    canary         ///< a directory of ours: its events show that the watch lives
};
inline constexpr std::size_t place_kinds = 6;

struct Place {
    PlaceKind kind = PlaceKind::home;
    std::uint32_t owner = 0; ///< number of the home root or of the account, as the caller counts

    friend bool operator==(Place, Place) = default;
};

/// The IN_* mask with which a place is watched. Never on the key file itself: its directory
/// reports it, and a watch there would miss its replacement.
std::uint32_t mask_of(PlaceKind kind);

/// What a change asks for.
struct Meaning {
    enum class Wanted {
        nothing,
        look_at_root,    ///< at home root `owner`
        look_at_home,    ///< at the home called `name` below home root `owner`
        look_at_account, ///< at account `owner`
        read_accounts,   ///< the account database again
        sign_of_life     ///< nothing: it was ours
    };
    Wanted wanted = Wanted::nothing;
    std::optional<Target> appeared; ///< this target, and what is below it, is new
};

/// Names that matter inside the places.
struct WatchedNames {
    std::string below_parent;           ///< of above_root: the next component towards the root
    std::vector<std::string> key_files; ///< of ssh_dir
    bool private_keys = false;          ///< of ssh_dir, by their usual names
    bool client_config = false;         ///< of ssh_dir, ssh(1)'s own configuration
};

/// Pure. An event only says who is to be looked at, never what to do.
Meaning interpret(PlaceKind kind, const Change& change, const WatchedNames& names);

/// wd → places. One inode can be several places (a parent shared by two home roots, a bind mount).
class WatchMap {
  public:
    void reserve(std::size_t places) { entries_.reserve(places); }

    void add(int wd, Place place);
    void remove(int wd, Place place);

    /// The kernel dropped the watch (IN_IGNORED).
    void remove_all(int wd);
    void clear() { *this = {}; }

    bool contains(int wd) const;
    std::size_t size() const { return entries_.size() - removed_; }
    std::size_t count(PlaceKind kind) const { return counts_.at(static_cast<std::size_t>(kind)); }

    template <typename Visit>
    void visit(int wd, Visit visit) const {
        for (auto at = first_of(wd); at != entries_.end() && at->wd == wd; ++at)
            if (!at->removed)
                visit(at->place());
    }

  private:
    struct Entry {
        int wd = -1;
        std::uint32_t owner = 0;
        PlaceKind kind = PlaceKind::home;
        bool removed = false; ///< but still here: moving all that follow would cost too much

        Place place() const { return {kind, owner}; }
    };
    using Entries = std::vector<Entry>;

    Entries::const_iterator first_of(int wd) const;
    void remove(Entry& entry);
    void tidy_up();
    std::size_t& count_of(Place place) { return counts_.at(static_cast<std::size_t>(place.kind)); }

    Entries entries_; ///< by wd: the kernel counts upwards, so they mostly come in that order
    std::size_t removed_ = 0;
    std::array<std::size_t, place_kinds> counts_{}; ///< by kind
};

} // namespace sshpermd
