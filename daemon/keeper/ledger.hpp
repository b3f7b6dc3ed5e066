// Ledger: what was said about one account's or home root's targets, so that nothing is said twice.
#pragma once

#include "keeper/fights.hpp"
#include "policy/config.hpp"
#include "policy/rare.hpp"
#include "repair/pace.hpp"
#include "repair/report.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

class Ledger {
  public:
    using Clock = std::chrono::steady_clock;

    /// Is this worth an event? A repair always is; a refusal, failure or observed drift only when
    /// it differs from what was last said of that target, and at most 20 times a minute.
    bool is_news(const Report& report, Clock::time_point now);

    /// The same for what is told as often as it happens: at most 20 times a minute, together.
    bool may_tell(Clock::time_point now);

    /// Events held back by the budget since the last one that was not.
    std::uint64_t take_suppressed();

    /// The moment from which a drift at this target may be repaired.
    Clock::time_point due(const Report& report, Clock::time_point now);

    struct Flapping {
        bool started = false;
        std::uint64_t suppressed = 0;
    };

    /// A repair was made or tried.
    Flapping repaired(const Report& report, Clock::time_point now, const Config::Flap& flap);

    /// A repair was made: is this a fight that has to be told? Never about client files: that is
    /// between the account and its own programs.
    bool is_fight(const Report& report, Clock::time_point now) {
        return !is_client_side(report.target) && pages_.make().fights.repaired(report, now);
    }

    struct Ended {
        std::string path;
        Target target = Target::home;
        std::uint64_t suppressed = 0;
    };

    /// Forgets the paces that have been quiet for a window; gives those that were flapping.
    std::vector<Ended> settle(Clock::time_point now, const Config::Flap& flap);

    /// When settle() has something to do next, if ever.
    std::optional<Clock::time_point> next_settling(const Config::Flap& flap) const;

    /// Forgets what was said of client files that a look did not find any more. Their names are the
    /// account's to choose, so there is no end to them.
    void forget_absent(const std::vector<Report>& found);

    /// Is a target repaired with a delay?
    bool is_flapping() const;

    /// Was something said of this target, which is not as it should be since then?
    bool is_open(const std::string& path) const;

    /// The paths of these.
    std::vector<std::string> open_paths() const;

    /// Targets that are not as they should be, as far as was said.
    std::size_t open_matters() const { return pages_ ? pages_->said.size() : 0; }

  private:
    struct Said {
        std::string path;
        Target target;
        std::size_t digest;
    };
    struct Paced {
        std::string path;
        Target target;
        Pace pace;
    };

    struct Pages {
        std::vector<Said> said;
        std::vector<Paced> paces;
        Fights fights;
        Clock::time_point minute{};
        unsigned in_minute = 0;
        std::uint64_t held_back = 0;
    };

    Pace* pace_of(const Report& report);

    Rare<Pages> pages_; ///< none as long as there is nothing to write down
};

} // namespace sshpermd
