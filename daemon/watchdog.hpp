// Watchdog: the service manager hears that the loop gets on with its work, or nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>

namespace sshpermd {

/// Sends a keep-alive in every half of $WATCHDOG_USEC, from the loop itself: one that hangs sends
/// none. Neither does one that turns without getting anything done. Does nothing where the service
/// manager did not ask for it.
class Watchdog {
  public:
    using HasWork = std::function<bool()>;

    Watchdog(boost::asio::io_context& io, HasWork has_work);

    /// From now on.
    void start();

    /// A slice of the work was done.
    void made_progress() { has_progress_ = true; }

  private:
    void wait();

    boost::asio::steady_timer timer_;
    HasWork has_work_;
    std::optional<std::chrono::microseconds> half_;
    bool has_progress_ = true;
};

} // namespace sshpermd
