// Waiting: every wait of these tests is a poll with a generous deadline, never a plain sleep.
#pragma once

#include <chrono>
#include <thread>

namespace system_tests {

using Duration = std::chrono::milliseconds;

/// Long enough for a busy machine with sanitizers; a test that needs it all has failed.
constexpr Duration patience = std::chrono::seconds{20};

/// Whether `holds` becomes true before the time is up.
template <typename Condition>
bool eventually(Condition holds, Duration within = patience) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{4});
    }
    return true;
}

} // namespace system_tests
