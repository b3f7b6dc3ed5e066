#include "repairs/tree_progress.hpp"

#include "repairs/progress.hpp"

#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <system_error>

namespace sshpermd {

TreeProgress::TreeProgress(const Options& options)
    : is_shown_(options.verbosity != Verbosity::quiet && isatty(STDERR_FILENO) == 1) {}

void TreeProgress::show(const TreeTally& tally) {
    constexpr std::chrono::milliseconds pause{250};
    const auto now = Clock::now();
    if (!is_shown_ || now < next_)
        return;
    next_ = now + pause;
    const auto seconds = std::chrono::duration<double>(now - begun_).count();
    const auto rate =
        static_cast<std::uint64_t>(static_cast<double>(tally.looked_at) / std::max(seconds, 0.001));
    clear_line();
    std::cerr << tally.looked_at << " files looked at, " << tally.changed << " of them not right, "
              << rate << "/s";
    if (expected_ > tally.looked_at)
        std::cerr << ", " << expected_ - tally.looked_at << " left";
    std::cerr << std::flush;
    is_there_ = true;
}

void TreeProgress::clear() {
    if (is_there_)
        clear_line();
    std::cerr << std::flush;
    is_there_ = false;
}

std::uint64_t count_files(const Kernel& kernel, const Handle& home, uid_t account,
                          const std::function<bool()>& go_on) {
    std::uint64_t files = 0;
    const auto visit = [&](const Handle& dir, const std::string& /*path*/) {
        std::optional<std::vector<std::string>> dirs;
        if (!go_on())
            return dirs;
        dirs.emplace();
        Listing names{dir};
        while (const auto* const name = names.next()) {
            ++files;
            if (name->is_dir)
                dirs->push_back(name->name);
        }
        return dirs;
    };
    TreeWalk walk{kernel, visit, [&](const Observed& seen) { return seen.owner == account; },
                  [](const std::string& /*path*/, int /*error*/) {}};
    walk.run(Handle{UniqueFd{openat(home.fd(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC)}});
    return files;
}

} // namespace sshpermd
