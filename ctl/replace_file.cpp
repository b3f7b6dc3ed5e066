#include "replace_file.hpp"

#include "io/transfer.hpp"
#include "io/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace sshpermd {

void replace_file(const std::string& path, const std::string& text) {
    const auto slash = path.rfind('/');
    const auto begin = slash == std::string::npos ? 0 : slash + 1;
    // Hidden, and without the suffix that collectors look for.
    auto scratch = path.substr(0, begin) + "." + path.substr(begin) + ".XXXXXX";
    const UniqueFd file{mkostemp(scratch.data(), O_CLOEXEC)};
    const bool is_written = file && write_all(file.get(), text) == text.size() &&
                            fchmod(file.get(), 0644) == 0 &&
                            rename(scratch.c_str(), path.c_str()) == 0;
    if (is_written)
        return;
    const int error = errno;
    if (file)
        unlink(scratch.c_str());
    throw std::system_error(error, std::generic_category(), "cannot write " + path);
}

} // namespace sshpermd
