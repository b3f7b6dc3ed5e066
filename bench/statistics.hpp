// What a set of measurements is reduced to: percentiles, and the median of ratios taken pair by
// pair.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace bench {

using Samples = std::vector<double>;

/// The smallest sample that at least `percent` of all samples do not exceed (nearest rank).
inline double percentile(Samples samples, double percent) {
    if (samples.empty())
        throw std::invalid_argument("no samples");
    const double rank = std::ceil(percent / 100.0 * static_cast<double>(samples.size()));
    const auto index =
        std::clamp(static_cast<std::size_t>(rank), std::size_t{1}, samples.size()) - 1;
    const auto nth = samples.begin() + static_cast<std::ptrdiff_t>(index);
    std::nth_element(samples.begin(), nth, samples.end());
    return *nth;
}

inline double median(const Samples& samples) { return percentile(samples, 50); }

/// The median of a[i] / b[i]: what stays when noise hits both of a pair alike.
inline double median_ratio(const Samples& a, const Samples& b) {
    Samples ratios;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        ratios.push_back(a[i] / b[i]);
    return median(ratios);
}

} // namespace bench
