// WaitingList: whose turn it is to be looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace sshpermd {

/// Accounts that wait for a look, by id, in turns: who asks again in the turn in which it was
/// looked at waits for the next one, which begins when nobody waits in this one. So nobody waits
/// for another account twice, and the events of our own repairs for everybody's first.
class WaitingList {
  public:
    /// Counts up and begins again: an account whose last turn looks like this one's waits for the
    /// next, no more.
    using Turn = std::uint16_t;

    Turn turn() const { return turn_; }

    /// Nobody is added twice. `last` is the turn in which it was looked at last.
    void add(std::uint32_t id, Turn last) { (last == turn_ ? next_ : now_).push_back(id); }

    void remove(std::uint32_t id) {
        std::erase(now_, id);
        std::erase(next_, id);
    }

    std::size_t size() const { return now_.size() + next_.size(); }

    /// Takes whoever is next; nothing when nobody waits.
    std::optional<std::uint32_t> take() {
        if (now_.empty()) {
            std::swap(now_, next_);
            ++turn_;
        }
        if (now_.empty())
            return std::nullopt;
        const auto id = now_.front();
        now_.pop_front();
        return id;
    }

  private:
    std::deque<std::uint32_t> now_;
    std::deque<std::uint32_t> next_;
    Turn turn_ = 1; ///< 0 is nobody's yet
};

} // namespace sshpermd
