// Lookout: the threads that look for what has changed, a batch of homes at a time, while the loop
// goes on.
#pragma once

#include "system/glance.hpp"
#include "system/inotify.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

namespace sshpermd {

/// They exchange values only, change nothing, and decide nothing: what is not as it was the loop
/// looks at itself. While watches are set nobody is protected yet, and there are threads enough to
/// keep processors and disk busy; later one processor is left to the loop.
class Lookout {
  public:
    /// Of one home: what was known, and what is there now.
    struct Sight {
        std::uint32_t id = 0; ///< the caller's
        std::string name;
        std::optional<Glimpse> known;
        std::optional<Plain> plain; ///< set watches, and say whether it is like this
        std::optional<Glance> now;  ///< nothing when a glance cannot tell
        int home_wd = -1;           ///< what was set; to be claimed
        int ssh_wd = -1;
    };
    struct Batch {
        std::string root;
        std::vector<Sight> sights;
    };

    /// `wake` is called by these threads when there is something to take. With an inotify
    /// descriptor they set the watches of whom they look at, before they do.
    Lookout(std::vector<std::string> key_files, std::uint64_t secret, std::function<void()> wake,
            UniqueFd inotify = {});
    Lookout(const Lookout&) = delete;
    Lookout& operator=(const Lookout&) = delete;
    ~Lookout();

    /// As many as keep its threads busy.
    bool wants_more() const { return under_way_ < 4 * threads_.size(); }

    void ask(Batch batch);

    /// A batch that came back, with those that are not as they were, or of whom watches are to be
    /// claimed; never waits.
    std::optional<Batch> take();

    /// Batches asked for and not taken yet.
    std::size_t under_way() const { return under_way_; }

    bool sets_watches() const { return static_cast<bool>(inotify_); }

  private:
    void run();
    void look(Batch& batch, const Eye& eye, Machine& machine) const;
    static std::optional<Glance> watch_and_look(const Handle& root, Sight& sight, const Eye& eye,
                                                const WatchSetter& setter);

    std::vector<std::string> key_files_;
    std::uint64_t secret_;
    std::function<void()> wake_;
    UniqueFd inotify_;
    std::size_t under_way_ = 0; ///< the caller's thread alone
    std::atomic<bool> stopping_{false};
    std::counting_semaphore<> asked_{0};
    std::mutex mutex_;
    std::deque<Batch> to_do_; ///< guarded by mutex_, as the next
    std::deque<Batch> done_;
    std::vector<std::thread> threads_; ///< last: they use all of the above
};

} // namespace sshpermd
