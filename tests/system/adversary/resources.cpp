// What a process holds, from /proc.
#include "adversary/resources.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace system_tests::adversary {

namespace fs = std::filesystem;

Resources resources(pid_t pid) {
    const auto process = fs::path{"/proc"} / std::to_string(pid);
    Resources held;
    std::ifstream status{process / "status"};
    for (std::string word; status >> word;)
        if (word == "VmRSS:")
            status >> held.resident_kib;
    const fs::directory_iterator descriptors{process / "fd"};
    held.descriptors =
        static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
    for (const auto& entry : fs::directory_iterator{process / "fdinfo"}) {
        std::ifstream info{entry.path()};
        for (std::string line; std::getline(info, line);)
            held.watches += line.starts_with("inotify wd:");
    }
    return held;
}

} // namespace system_tests::adversary
