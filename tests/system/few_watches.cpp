#include "few_watches.hpp"

#include <filesystem>
#include <fstream>

namespace system_tests {

namespace fs = std::filesystem;

CommandLine with_few_watches(int watches, const Arguments& arguments) {
    std::string command = "echo " + std::to_string(watches) +
                          " > /proc/sys/user/max_inotify_watches && exec " + sshpermd();
    for (const auto& word : arguments)
        command += " " + word;
    // Only a program started after the ids are mapped has root's capabilities; groups come last.
    const std::string wait =
        "until read -r mapped < /proc/self/gid_map; do sleep 0.05; done; exec sh -c '" + command +
        "'";
    return {{"unshare", "--user", "sh", "-c", wait}};
}

bool map_ids(pid_t pid) {
    const auto process = "/proc/" + std::to_string(pid);
    if (fs::read_symlink(process + "/ns/user") == fs::read_symlink("/proc/self/ns/user"))
        return false;
    for (const char* map : {"/uid_map", "/gid_map"})
        std::ofstream{process + map} << "0 0 4294967295\n";
    return true;
}

void allow_watches(pid_t pid, int watches) {
    must_run({"nsenter", "--user", "--preserve-credentials", "--target", std::to_string(pid), "sh",
              "-c", "echo " + std::to_string(watches) + " > /proc/sys/user/max_inotify_watches"});
}

} // namespace system_tests
