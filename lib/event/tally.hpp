// Tally: what was said since the start, counted for the metrics.
#pragma once

#include "event/event.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sshpermd {

/// How long targets were wrong before they were put right, in buckets as Prometheus wants them.
struct WrongTimes {
    /// The upper bounds of the buckets; one more has no bound.
    static constexpr std::array bounds{
        std::chrono::microseconds{1'000},     std::chrono::microseconds{5'000},
        std::chrono::microseconds{10'000},    std::chrono::microseconds{50'000},
        std::chrono::microseconds{100'000},   std::chrono::microseconds{500'000},
        std::chrono::microseconds{1'000'000}, std::chrono::microseconds{5'000'000},
        std::chrono::microseconds{60'000'000}};

    std::array<std::uint64_t, bounds.size() + 1> counts{}; ///< each of its bucket alone
    std::chrono::microseconds sum{0};

    void count(std::chrono::microseconds wrong_for);
};

struct Tally {
    std::array<std::uint64_t, event_types> events{};
    std::array<std::uint64_t, all_targets.size()> repairs{};
    WrongTimes wrong_times;

    void count(const Event& event);
};

} // namespace sshpermd
