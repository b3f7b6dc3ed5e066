#include "io/file_stamp.hpp"

#include <sys/stat.h>

namespace sshpermd {

std::string file_stamp(const std::string& path, const struct stat& about) {
    return path + '\0' + std::to_string(about.st_dev) + ':' + std::to_string(about.st_ino) + ':' +
           std::to_string(about.st_size) + ':' + std::to_string(about.st_mtim.tv_sec) + '.' +
           std::to_string(about.st_mtim.tv_nsec) + ';';
}

std::string file_stamp(const std::string& path) {
    struct stat about {};
    return stat(path.c_str(), &about) == 0 ? file_stamp(path, about) : path + "-;";
}

} // namespace sshpermd
