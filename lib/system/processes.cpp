#include "system/processes.hpp"

#include "io/directory.hpp"
#include "policy/fields.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <fstream>
#include <optional>
#include <sstream>

namespace sshpermd {
namespace {

/// The names in a directory; none when it cannot be read.
std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> names;
    for_each_entry(UniqueFd{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)},
                   [&](const dirent& entry) {
                       names.emplace_back(entry.d_name);
                       return true;
                   });
    return names;
}

void add_place(const std::string& link, std::vector<std::string>& places) {
    std::array<char, PATH_MAX> target{};
    const auto length = readlink(link.c_str(), target.data(), target.size());
    if (length > 1 && target.front() == '/') // neither the root itself nor a pipe
        places.emplace_back(target.data(), static_cast<std::size_t>(length));
}

/// The last of the four ids of a line is the file system's.
std::optional<uid_t> last_id(std::istringstream line) {
    std::optional<uid_t> last;
    for (uid_t id = 0; line >> id;)
        last = id;
    return last;
}

/// Nothing when it has ended.
std::optional<Process> identity_of(const std::string& dir, pid_t pid) {
    Process process;
    process.pid = pid;
    std::ifstream status{dir + "/status"};
    bool has_uid = false;
    for (std::string line; std::getline(status, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos)
            continue;
        const auto key = line.substr(0, colon);
        std::istringstream value{line.substr(colon + 1)};
        if (key == "Uid") {
            const auto uid = last_id(std::move(value));
            has_uid = uid.has_value();
            process.uid = uid.value_or(0);
        } else if (key == "Gid") {
            if (const auto gid = last_id(std::move(value)))
                process.groups.push_back(*gid);
        } else if (key == "Groups") {
            for (gid_t gid = 0; value >> gid;)
                process.groups.push_back(gid);
        }
    }
    std::ifstream name{dir + "/comm"};
    std::getline(name, process.name);
    return has_uid ? std::optional{std::move(process)} : std::nullopt;
}

} // namespace

void for_each_pid(const std::string& proc,
                  const std::function<bool(pid_t pid, const std::string& dir)>& each) {
    for_each_entry(UniqueFd{open(proc.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)},
                   [&](const dirent& entry) {
                       const std::string name = entry.d_name;
                       const auto pid = decimal(name);
                       return !pid || each(static_cast<pid_t>(*pid), proc + "/" + name);
                   });
}

void for_each_process(const std::string& proc, const std::function<void(const Process&)>& each) {
    for_each_pid(proc, [&](pid_t pid, const std::string& dir) {
        auto process = identity_of(dir, pid);
        if (!process)
            return true;
        add_place(dir + "/cwd", process->places);
        add_place(dir + "/root", process->places);
        for (const auto& fd : names_in(dir + "/fd"))
            add_place(dir + "/fd/" + fd, process->places);
        each(*process);
        return true;
    });
}

} // namespace sshpermd
