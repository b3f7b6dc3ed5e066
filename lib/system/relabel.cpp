#include "system/relabel.hpp"

#include "io/failure.hpp"
#include "io/kernel.hpp"
#include "io/unique_fd.hpp"
#include "policy/fields.hpp"
#include "system/handle.hpp"
#include "system/replacement.hpp"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

constexpr const char* mark_name = ".autorelabel";

[[noreturn]] void fail_at_mark(int error, const std::string& doing) {
    fail(error, doing + " /" + mark_name);
}

bool is_requested(int root) {
    struct stat about {};
    if (fstatat(root, mark_name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return false;
        fail_at_mark(errno, "look at");
    }
    if (!S_ISREG(about.st_mode) || about.st_uid != 0)
        fail_at_mark(EEXIST, "use what is no file of root's, and ask for a relabelling by");
    return true;
}

/// Nobody but root can have made what is there by then: O_EXCL, and one name in a held directory.
void request(int root) {
    const UniqueFd file{
        openat(root, mark_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)};
    if (!file || fchown(file.get(), 0, 0) != 0 || fchmod(file.get(), 0644) != 0 ||
        fsync(file.get()) != 0)
        fail_at_mark(errno, "make");
}

/// Or is it not there? A link at the end of the path is not followed.
bool lacks_label(const Image& image, const std::string& path) {
    UniqueFd fd{open_in_root(image.fd(), path.c_str(), O_PATH | O_NOFOLLOW)};
    return !fd || label_of(Handle{std::move(fd)}).empty();
}

} // namespace

Selinux selinux_of(const Image& image) {
    constexpr std::string_view key = "SELINUX=";
    const auto text = image.read("etc/selinux/config").value_or("");
    for (const auto line : fields_of(text, "\n")) {
        if (!line.starts_with(key))
            continue;
        const std::string value{line.substr(key.size())};
        if (strncasecmp(value.c_str(), "enforcing", 9) == 0)
            return Selinux::enforcing;
        return strncasecmp(value.c_str(), "permissive", 10) == 0 ? Selinux::permissive
                                                                 : Selinux::disabled;
    }
    return Selinux::disabled;
}

std::string_view word(Relabelling relabelling) {
    switch (relabelling) {
    case Relabelling::would_request: return "would_request";
    case Relabelling::requested: return "requested";
    case Relabelling::already_requested: return "already_requested";
    }
    return "";
}

std::string_view why(Relabelling relabelling) {
    switch (relabelling) {
    case Relabelling::would_request: return "a relabelling would be requested (/.autorelabel)";
    case Relabelling::requested:
        return "a relabelling was requested (/.autorelabel): the first boot takes longer";
    case Relabelling::already_requested:
        return "a relabelling is requested already (/.autorelabel)";
    }
    return "";
}

std::optional<Relabelling> relabel_after(const Image& image, const std::vector<std::string>& paths,
                                         RelabelHand hand) {
    const bool is_needed = selinux_of(image) != Selinux::disabled &&
                           std::any_of(paths.begin(), paths.end(),
                                       [&](const auto& path) { return lacks_label(image, path); });
    if (!is_needed)
        return std::nullopt;
    if (is_requested(image.fd()))
        return Relabelling::already_requested;
    if (hand == RelabelHand::look)
        return Relabelling::would_request;
    request(image.fd());
    return Relabelling::requested;
}

} // namespace sshpermd
