#include "events/wakeup.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace sshpermd {

Wakeup::Wakeup() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_)
        throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Wakeup::signal() const {
    const std::uint64_t one = 1;
    while (write(fd_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
}

bool Wakeup::wait(std::optional<std::chrono::milliseconds> at_most) const {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + at_most.value_or(std::chrono::milliseconds{0});
    for (;;) {
        std::uint64_t count = 0;
        if (read(fd_.get(), &count, sizeof count) == static_cast<ssize_t>(sizeof count))
            return true;
        int left = -1;
        if (at_most) {
            const auto ms =
                std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
            if (ms <= 0)
                return false;
            left = static_cast<int>(std::min<std::int64_t>(ms, 60'000));
        }
        pollfd waiting{fd_.get(), POLLIN, 0};
        poll(&waiting, 1, left); // whatever it says, the read tells
    }
}

} // namespace sshpermd
