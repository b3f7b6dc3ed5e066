#include "system/root_file.hpp"

#include "policy/fields.hpp"

#include <fcntl.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

Opened open_name(const Kernel& kernel, const Handle& dir, const std::string& name) {
    UniqueFd fd{open_beneath(kernel, dir.fd(), name.c_str(), MountBoundary::cross)};
    if (!fd && errno == ENOENT)
        return Missing{};
    if (!fd && errno == ELOOP)
        return Refusal{RefusalReason::symlink};
    if (!fd)
        throw std::system_error(errno, std::generic_category(), "open " + name);
    Handle handle{std::move(fd)};
    if (handle.observe().type == FileType::symlink) // openat, without openat2
        return Refusal{RefusalReason::symlink};
    return handle;
}

bool is_roots_alone(const Handle& dir) {
    constexpr unsigned others_write = 0022;
    const auto observed = dir.observe();
    return observed.owner == 0 && !observed.mode.has(others_write);
}

} // namespace

std::optional<RootFile> hold_root_file(const Kernel& kernel, const std::string& path) {
    Handle dir{UniqueFd{open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)}};
    bool only_roots = is_roots_alone(dir);
    const auto names = fields_of(path, "/");
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
        auto next = open_name(kernel, dir, std::string{names[i]});
        auto* const held = std::get_if<Handle>(&next);
        if (held == nullptr || held->observe().type != FileType::dir)
            return std::nullopt;
        dir = std::move(*held);
        only_roots = only_roots && is_roots_alone(dir);
    }
    std::string name{names.back()};
    auto found = open_name(kernel, dir, name);
    return RootFile{std::move(dir), std::move(name), std::move(found), only_roots};
}

} // namespace sshpermd
