// Reads the daemon's durable record.
#include "event_log.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>

namespace bench {
namespace {

using nlohmann::json;

/// Of the paths in `changes`.
Counts repairs_on_record(const std::string& directory, const Counts& changes) {
    Counts repairs;
    for (const auto& segment : std::filesystem::directory_iterator(directory)) {
        std::ifstream lines(segment.path());
        for (std::string line; std::getline(lines, line) && !lines.eof();) {
            const json event = json::parse(line);
            const std::string type = event.at("event");
            if (type != "permission.repaired" && type != "flapping.started")
                continue;
            const std::string path = event.at("file").at("path");
            if (changes.count(path) == 0)
                continue;
            if (type == "flapping.started")
                throw std::runtime_error("flap control took part in " + path);
            ++repairs[path];
        }
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
        wrong = difference(changes, repairs_on_record(directory, changes));
    }
    if (!wrong.empty())
        throw std::runtime_error(wrong);
}

} // namespace bench
