#include "system/home_root.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

namespace sshpermd {
namespace {

std::deque<std::string> components_of(std::string_view path) {
    std::deque<std::string> components;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const auto name = path.substr(0, slash);
        if (!name.empty() && name != ".")
            components.emplace_back(name);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return components;
}

Handle open_slash(const Machine& machine) {
    UniqueFd fd{machine.image != nullptr
                    ? openat(machine.image->fd(), ".", O_PATH | O_NOFOLLOW | O_CLOEXEC)
                    : open("/", O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (!fd)
        throw std::system_error(errno, std::generic_category(), "open /");
    return Handle{std::move(fd)};
}

std::string read_link(const Handle& link) {
    std::array<char, PATH_MAX> target{};
    const auto length = readlinkat(link.fd(), "", target.data(), target.size());
    if (length < 0)
        throw std::system_error(errno, std::generic_category(), "read a symbolic link");
    return {target.data(), static_cast<std::size_t>(length)};
}

/// One component, mounts crossed, links not followed.
std::optional<Handle> open_component(const Kernel& kernel, const Handle& dir,
                                     const std::string& name) {
    // ".." occurs only in root's own links; RESOLVE_BENEATH would refuse it.
    const int fd = name == ".."
                       ? openat(dir.fd(), "..", O_PATH | O_NOFOLLOW | O_CLOEXEC)
                       : open_beneath(kernel, dir.fd(), name.c_str(), MountBoundary::cross);
    if (fd >= 0)
        return Handle{UniqueFd{fd}};
    if (errno == ENOENT || errno == ENOTDIR)
        return std::nullopt;
    throw std::system_error(errno, std::generic_category(), "open " + name);
}

/// Of `/`, which is asked before its mount is known.
std::pair<Observed, std::int64_t> look_with_mount(const Handle& slash) {
    const auto [seen, mount] = slash.observe_with_mount();
    return {seen ? *seen : slash.observe(), mount};
}

} // namespace

bool is_safe_above(const Observed& dir) {
    return dir.type == FileType::dir && dir.owner == 0 && !dir.mode.has(0022);
}

Opened open_home_root(Machine& machine, const std::string& path) {
    constexpr int most_links = 40; // as path_resolution(7)
    auto ahead = components_of(path);
    auto at = open_slash(machine);
    auto [seen, mount] = look_with_mount(at);
    int links = 0;
    while (!ahead.empty()) {
        if (!is_safe_above(seen))
            return Refusal{RefusalReason::unsafe_root};
        const auto name = ahead.front();
        ahead.pop_front();
        if (name == ".." && machine.image != nullptr && at.is_same_as(open_slash(machine)))
            continue; // nothing leads out of an image
        auto next = open_component(machine.kernel, at, name);
        if (!next)
            return Missing{};
        const auto [known, next_mount] = next->observe_with_mount();
        const bool is_same_mount = next_mount == mount && mount >= 0;
        if (!is_same_mount && !machine.mounts.is_local(next_mount))
            return Refusal{RefusalReason::other_file_system};

        const auto observed = known ? *known : next->observe();
        if (observed.type != FileType::symlink) {
            at = std::move(*next);
            mount = next_mount;
            seen = observed;
            continue;
        }
        if (observed.owner != 0 || ++links > most_links)
            return Refusal{RefusalReason::unsafe_root};
        const auto target = read_link(*next);
        if (target.starts_with('/')) {
            at = open_slash(machine);
            std::tie(seen, mount) = look_with_mount(at);
        }
        const auto more = components_of(target);
        ahead.insert(ahead.begin(), more.begin(), more.end());
    }
    return at;
}

Ancestor nearest_ancestor(Machine& machine, const std::string& path) {
    auto at = open_slash(machine);
    std::string reached;
    const auto components = components_of(path);
    for (std::size_t i = 0; i + 1 < components.size(); ++i) {
        reached += "/" + components[i];
        auto next = open_home_root(machine, reached);
        if (!std::holds_alternative<Handle>(next))
            return {std::move(at), components[i]};
        at = std::move(std::get<Handle>(next));
    }
    return {std::move(at), components.empty() ? std::string{} : components.back()};
}

} // namespace sshpermd
