#include <utility> // Asio of Boost 1.74 forgot it

#include "watchdog.hpp"

#include "service_status.hpp"

#include <algorithm>

namespace sshpermd {

Watchdog::Watchdog(boost::asio::io_context& io, HasWork has_work)
    : timer_(io), has_work_(std::move(has_work)) {
    constexpr std::chrono::microseconds shortest{1000};
    if (const auto period = watchdog_period())
        half_ = std::max(*period / 2, shortest);
}

void Watchdog::start() {
    if (half_)
        wait();
}

void Watchdog::wait() {
    timer_.expires_after(*half_);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error)
            return;
        if (std::exchange(has_progress_, false) || !has_work_())
            notify_alive();
        wait();
    });
}

} // namespace sshpermd
