// Batches and what they say beside their neighbours.
#include "turns.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <thread>

#include "change.hpp"
#include "report.hpp"

namespace bench {
namespace {

constexpr std::size_t harmless = 2; // breaks
constexpr std::chrono::milliseconds gap{1};
constexpr double percents[] = {50, 90, 99, 99.9, 100};
constexpr const char* columns[] = {"p50", "p90", "p99", "p99.9", "max"};

nlohmann::json print_row(const std::string& name, const std::vector<Samples>& batches) {
    Samples all;
    for (const auto& batch : batches)
        all.insert(all.end(), batch.begin(), batch.end());
    nlohmann::json json;
    std::printf("  %-40s", name.c_str());
    for (std::size_t i = 0; i < std::size(percents); ++i) {
        const double value = percentile(all, percents[i]);
        std::printf(" %9.1f", value);
        json[columns[i]] = rounded(value);
    }
    std::putchar('\n');
    return json;
}

} // namespace

std::vector<std::string> homes_below(const std::string& root) {
    std::vector<std::string> homes;
    for (const auto& entry : std::filesystem::directory_iterator(root))
        homes.push_back(entry.path().string());
    std::sort(homes.begin(), homes.end());
    std::shuffle(homes.begin(), homes.end(),
                 std::mt19937(1)); // NOLINT(cert-msc32-c,cert-msc51-cpp)
    return homes;
}

std::size_t Walk::most_of_one() const { return next / homes.size() / harmless + 1; }

Samples Walk::batch(unsigned count) {
    Samples samples;
    for (unsigned i = 0; i < count; ++i, ++next) {
        const auto& home = homes[next % homes.size()];
        // Another one in the next round over the homes.
        const auto& change = breaks[(next + next / homes.size()) % harmless];
        samples.push_back(break_and_wait(home, change));
        ++changes["/home" + home.substr(root.size()) + change.below_home];
        std::this_thread::sleep_for(gap);
    }
    return samples;
}

nlohmann::json report_turns(const std::vector<Circumstance>& circumstances) {
    std::printf("  %-40s", "");
    for (const char* column : columns)
        std::printf(" %9s", column);
    std::putchar('\n');
    const auto& quiet = circumstances.front();
    nlohmann::json json = nlohmann::json::array();
    for (const auto& one : circumstances) {
        json.push_back({{"name", one.name}, {"us", print_row(one.name, one.batches)}});
        if (&one == &quiet)
            continue;
        Samples ratios;
        Samples differences;
        for (std::size_t i = 0; i < one.batches.size(); ++i) {
            ratios.push_back(median(one.batches[i]) / median(quiet.batches[i]));
            differences.push_back(percentile(one.batches[i], 99) -
                                  percentile(quiet.batches[i], 99));
        }
        const double ratio = median(ratios);
        const double later = median(differences);
        std::printf("  %-40s %8.2fx %9s %+9.1f   goal: p50 at most +25 %% %s, p99 at most +1 ms "
                    "%s\n",
                    "batch medians: ratio, difference", ratio, "", later,
                    ratio <= 1.25 ? "reached" : "MISSED", later <= 1000 ? "reached" : "MISSED");
        json.back()["batch_median_ratio"] = rounded(ratio);
        json.back()["batch_median_p99_difference_us"] = rounded(later);
    }
    return json;
}

} // namespace bench
