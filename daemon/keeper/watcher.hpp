// Watcher: the watches of one generation of homes, and what their events ask for.
#pragma once

#include "keeper/noise.hpp"
#include "policy/config.hpp"
#include "system/inotify.hpp"
#include "watch/watch_map.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sshpermd {

class Watcher {
  public:
    /// What one event asks for. `name` is the child's in the watched directory.
    using Hear = std::function<void(Place, const Meaning&, std::string_view name)>;

    /// Of the homes that this configuration speaks of; nothing else of it is kept.
    explicit Watcher(const Config& config);

    int fd() const { return inotify_.fd(); }

    /// There will be so many homes.
    void reserve(std::size_t homes) { map_.reserve(2 * homes); }

    /// Watches `dir` as `place` instead of what `wd` stood for until now. True when that is another
    /// directory, or the first one: then what happened before may have gone unseen, and whoever
    /// looked must look again. `wd` is -1 for nothing. Throws std::system_error and leaves `wd` -1.
    bool replace(int& wd, const Handle& dir, Place place, std::uint32_t more_mask = 0);

    /// Other threads set watches on fd() from now on, or no longer. What is reported between their
    /// doing so and claim() is about nobody who is known yet: only that something was is kept.
    void expect_claims(bool are_expected);

    /// Takes over what another thread has set for `place`, which had no watch; -1 is nothing. True
    /// when something was reported by it already, be it that it is no more.
    bool claim(int& wd, int found, Place place);

    /// Ends what another thread has set, unless it was set for somebody here, too.
    void disclaim(int found);

    /// Ends the watch, if any.
    void drop(int& wd, Place place);

    /// The name that leads from the watched directory above a home root towards it.
    void set_next_name(std::uint32_t root, std::string name);

    enum class Drained { nothing, complete, overflow };

    /// Reads everything that waits and reports it in order. `was_left`: it waited on purpose, so
    /// that the kernel would merge what says the same.
    Drained drain(const Hear& hear, bool was_left);

    /// Homes and .ssh directories whose own watches report too much, since this was last asked.
    std::vector<Place> take_noisy() { return std::exchange(noisy_, {}); }

    std::size_t watches() const { return map_.size(); }
    std::size_t watches(PlaceKind kind) const { return map_.count(kind); }

  private:
    void hear_change(const Change& change, const Hear& hear, Noise::Clock::time_point now);
    void count(int wd, Noise::Clock::time_point now);

    Inotify inotify_;
    WatchMap map_;
    WatchedNames names_;
    std::vector<std::string> next_names_; ///< by home root
    std::unordered_map<int, Noise> noise_;
    std::vector<Place> noisy_;
    int each_stands_for_ = 1; ///< of the changes that are being read
    bool expects_claims_ = false;
    std::unordered_set<int> reported_; ///< by watches that are to be claimed
};

} // namespace sshpermd
