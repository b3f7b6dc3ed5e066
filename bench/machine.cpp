// Reads the description of the machine out of /proc, /sys and uname.
#include "machine.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace bench {
namespace {

std::string processor() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name") && line.find(": ") != std::string::npos)
            return line.substr(line.find(": ") + 2);
    return "unknown processor";
}

bool first_two_share_a_core() {
    std::ifstream file("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list");
    std::string siblings;
    return std::getline(file, siblings) && (siblings == "0-1" || siblings == "0,1");
}

/// Fields of a line: id, parent, major:minor, root, mount point, options, …, "-", type, source.
std::string file_system_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return "unknown";
    const std::string device =
        std::to_string(major(status.st_dev)) + ':' + std::to_string(minor(status.st_dev));
    std::ifstream file("/proc/self/mountinfo");
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        std::string id, parent, number, type;
        const auto dash = line.find(" - ");
        if (fields >> id >> parent >> number && number == device && dash != std::string::npos) {
            std::istringstream(line.substr(dash + 3)) >> type;
            return type;
        }
    }
    return "unknown";
}

} // namespace

Machine describe_machine(const std::string& homes) {
    utsname kernel{};
    ::uname(&kernel);
    double load = 0;
    ::getloadavg(&load, 1);
    return {processor(),    ::sysconf(_SC_NPROCESSORS_ONLN), first_two_share_a_core(),
            kernel.release, file_system_of(homes),           load};
}

std::string to_text(const Machine& machine) {
    std::ostringstream text;
    text.precision(2);
    text << machine.cores << " x " << machine.processor
         << (machine.cores_share_a_unit ? " (CPU 0 and 1 share a core)" : "") << ", Linux "
         << machine.kernel << ", " << machine.file_system << ", load " << machine.load;
    return text.str();
}

} // namespace bench
