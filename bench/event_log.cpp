// Reads the daemon's JSON lines.
#include "event_log.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>

#include "change.hpp"

namespace bench {
namespace {

using nlohmann::json;

mode_t mode_in(const json& event, const char* when) {
    return static_cast<mode_t>(
        std::stoul(event.at(when).at("mode").get_ref<const std::string&>(), nullptr, 8));
}

void expect_modes(const json& event, const std::string& line) {
    for (const auto& change : breaks)
        if (event.at("target") == change.target && mode_in(event, "before") == change.broken &&
            mode_in(event, "after") == change.right)
            return;
    throw std::runtime_error("an event about something else: " + line);
}

Counts repairs_in(const std::string& file) {
    Counts repairs;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
        const json event = json::parse(line, nullptr, false);
        if (!event.is_object())
            continue; // plain log lines of the start
        const std::string type = event.value("event", "");
        if (type == "flapping.started")
            throw std::runtime_error("flap control took part; spread the changes over more homes");
        if (type != "permission.repaired")
            continue;
        expect_modes(event, line);
        ++repairs[event.at("file").at("path").get<std::string>()];
    }
    return repairs;
}

unsigned total(const Counts& counts) {
    unsigned sum = 0;
    for (const auto& [path, count] : counts)
        sum += count;
    return sum;
}

Counts repairs_on_record(const std::string& directory) {
    Counts repairs;
    for (const auto& segment : std::filesystem::directory_iterator(directory)) {
        std::ifstream lines(segment.path());
        for (std::string line; std::getline(lines, line) && !lines.eof();)
            if (const json event = json::parse(line); event.at("event") == "permission.repaired")
                ++repairs[event.at("file").at("path").get<std::string>()];
    }
    return repairs;
}

/// The first path that was changed more or less often than it was repaired.
std::string difference(const Counts& changes, const Counts& repairs) {
    for (const auto& [path, count] : changes) {
        const auto known = repairs.find(path);
        const auto repaired = known == repairs.end() ? 0 : known->second;
        if (repaired != count)
            return path + " was changed " + std::to_string(count) + " times, but " +
                   std::to_string(repaired) + " repairs are on record";
    }
    return {};
}

} // namespace

void expect_each_on_record(const std::string& directory, const Counts& changes) {
    std::string wrong = "no look at it";
    for (int tries = 0; tries < 10 && !wrong.empty(); ++tries) {
        std::this_thread::sleep_for(std::chrono::seconds(1)); // the last ones, and one too many
        wrong = difference(changes, repairs_on_record(directory));
    }
    if (!wrong.empty())
        throw std::runtime_error(wrong);
}

void expect_one_event_per_change(const std::string& file, const Counts& changes) {
    Counts repairs = repairs_in(file);
    for (int tries = 0; tries < 50 && total(repairs) < total(changes); ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        repairs = repairs_in(file);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200)); // for one too many
    repairs = repairs_in(file);
    for (const auto& [path, count] : changes)
        if (repairs[path] != count)
            throw std::runtime_error(path + " was changed " + std::to_string(count) +
                                     " times, but " + std::to_string(repairs[path]) +
                                     " repairs were written");
    if (total(repairs) != total(changes))
        throw std::runtime_error("repairs were written that nobody had caused");
}

} // namespace bench
