// RollCall: who has an account, asked of a child process that may be late, fail or hang.
#pragma once

#include <utility> // Asio of Boost 1.74 forgot it

#include "io/unique_fd.hpp"
#include "policy/account_answer.hpp"
#include "system/child_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace sshpermd {

/// One child at a time. One that is late is killed with all that it started, and asked again after
/// a pause that doubles; so is one that says that a service is silent. Never waits.
class RollCall {
  public:
    struct Limits {
        std::chrono::milliseconds late{2000};
        std::chrono::milliseconds deadline{30'000};
        std::chrono::milliseconds first_pause{10'000};
        std::chrono::milliseconds longest_pause{300'000};
    };
    struct Hear {
        std::function<AccountQuestion()> question; ///< at the moment of asking
        std::function<void()> late;
        /// Nothing: no answer, or none that can be read.
        std::function<void(std::optional<AccountAnswer>)> ended;
        /// The same answer as before, which is not read again: a hundred thousand accounts take
        /// a moment.
        std::function<void()> ended_as_before;
    };

    RollCall(boost::asio::io_context& io, Hear hear, Limits limits);
    RollCall(const RollCall&) = delete;
    RollCall& operator=(const RollCall&) = delete;
    ~RollCall();

    /// Asks now, or once more when the child that is under way, which may have looked before, has
    /// ended.
    void ask();

    /// What was last answered is not all that the accounts are by now, or another question is to be
    /// asked.
    void forget_answer();

    /// Is there still an answer to come to what was asked?
    bool is_under_way() const { return child_ || is_stillborn_ || asked_again_; }

  private:
    void start();
    void read();
    void hear_answer();
    void end(std::optional<AccountAnswer> answer);
    void end_child(bool is_complete);
    void go_on();
    void ask_again_later(bool is_complete);
    void reap_in_time();

    Hear hear_;
    Limits limits_;
    boost::asio::posix::stream_descriptor output_;
    boost::asio::steady_timer lateness_;
    boost::asio::steady_timer deadline_;
    boost::asio::steady_timer pause_;
    boost::asio::steady_timer reaping_;
    std::optional<ChildProcess> child_;
    std::optional<ChildProcess> killed_; ///< until the kernel lets go of it nobody else is asked
    UniqueFd question_;                  ///< none when it has to be written anew
    std::string bytes_;
    std::optional<std::string> last_; ///< hash of the last answer, if that was complete
    std::array<char, 65536> buffer_{};
    std::chrono::milliseconds next_pause_;
    std::chrono::milliseconds next_reaping_{1};
    bool is_stillborn_ = false; ///< could not be started; said from the loop, as all else
    bool asked_again_ = false;
    unsigned turn_ = 0; ///< what comes of an earlier child is nothing
};

} // namespace sshpermd
