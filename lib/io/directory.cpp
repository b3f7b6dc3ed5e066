#include "io/directory.hpp"

#include <cerrno>
#include <memory>
#include <string_view>

namespace sshpermd {

int for_each_entry(UniqueFd dir, const std::function<bool(const dirent&)>& each) {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{dir ? fdopendir(dir.get()) : nullptr,
                                                     closedir};
    if (!stream)
        return errno;
    dir.release(); // the stream's from now on
    for (;;) {
        errno = 0;
        const auto* const entry = readdir(stream.get()); // NOLINT: a stream of our own
        if (entry == nullptr)
            return errno;
        const std::string_view name = entry->d_name;
        if (name != "." && name != ".." && !each(*entry))
            return 0;
    }
}

} // namespace sshpermd
