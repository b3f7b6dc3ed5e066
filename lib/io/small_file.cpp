#include "io/small_file.hpp"

#include "io/transfer.hpp"
#include "io/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace sshpermd {

std::optional<std::string> read_small_file(const std::string& path) {
    constexpr std::size_t largest = std::size_t{1} << 20U;
    const UniqueFd fd{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return std::nullopt;
    auto text = read_all(fd.get(), largest);
    return text && text->size() <= largest ? text : std::nullopt;
}

} // namespace sshpermd
