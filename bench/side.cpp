// Breaks what a watcher looks after, batch by batch.
#include "side.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <thread>

#include "change.hpp"

namespace bench {
namespace {

std::vector<std::string> homes_below(const std::string& root, const std::string& but) {
    std::vector<std::string> homes;
    for (const auto& entry : std::filesystem::directory_iterator(root))
        if (entry.path().filename() != but)
            homes.push_back(entry.path().string());
    std::sort(homes.begin(), homes.end());
    return homes;
}

} // namespace

Samples Side::batch(std::size_t group, unsigned count) {
    Samples samples;
    for (unsigned i = 0; i < count; ++i) {
        const auto at = next[group]++;
        const auto& home = homes[at % homes.size()];
        // Another one in the next round over the homes.
        const auto& which = groups[group];
        const Break& change = breaks[which[(at + at / homes.size()) % which.size()]];
        samples.push_back(break_and_wait(home, change));
        ++changes["/home" + home.substr(root.size()) + change.below_home];
        std::this_thread::sleep_for(std::chrono::microseconds(gap_us));
    }
    return samples;
}

std::string Side::name_of(std::size_t group) const {
    const auto& which = groups[group];
    return which.size() == 1 ? breaks[which[0]].name : "unexposed";
}

double Side::changes_made() const {
    double sum = 0;
    for (const auto& [path, count] : changes)
        sum += count;
    return sum;
}

void Side::expect_each_on_record() const {
    if (!record.empty())
        bench::expect_each_on_record(record, changes);
}

void from_json(const nlohmann::json& json, Side& side) {
    side.name = json.at("name");
    side.process = json.at("process");
    side.root = json.at("root");
    side.record = json.value("record", "");
    side.one_of = json.value("one_of", 1U);
    side.gap_us = json.value("gap_us", 1000U);
    side.groups = json.at("groups").get<std::vector<std::vector<std::size_t>>>();
    side.next.resize(side.groups.size());
    side.homes = homes_below(side.root, json.value("but", ""));
    if (const std::size_t few = json.value("homes", std::size_t{0}); few > 0)
        side.homes.resize(std::min(few, side.homes.size()));
    if (side.homes.empty())
        throw std::runtime_error("no homes in " + side.root);
    std::shuffle(side.homes.begin(), side.homes.end(),
                 std::mt19937(1)); // NOLINT(cert-msc32-c,cert-msc51-cpp)
}

} // namespace bench
