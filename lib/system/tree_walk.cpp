#include "system/tree_walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace sshpermd {
namespace {

/// How many names are sorted at a time.
constexpr std::size_t part_size = 16384;

/// Not for a mount whose server could keep us waiting: whoever asks knows its mount.
bool identify(const Handle& dir, std::uint64_t& device, std::uint64_t& inode) {
    struct stat about {};
    if (fstat(dir.fd(), &about) != 0)
        return false;
    device = about.st_dev;
    inode = about.st_ino;
    return true;
}

int errno_of(const Opened& opened) {
    const auto* const refusal = std::get_if<Refusal>(&opened);
    return refusal != nullptr && refusal->reason == RefusalReason::other_file_system ? EXDEV : 0;
}

} // namespace

bool TreeWalk::run(Handle top) {
    mount_ = mount_id(top.fd());
    levels_.clear();
    path_.clear();
    if (!visit(std::move(top)))
        return false;
    while (!levels_.empty())
        if (levels_.back().names.empty())
            ascend();
        else if (!descend())
            return false;
    return true;
}

bool TreeWalk::visit(Handle dir) {
    auto names = visit_(dir, path_);
    if (!names)
        return false;
    if (names->empty() && !levels_.empty()) {
        path_.resize(levels_.back().path_size);
        return true;
    }
    Level level;
    if (!identify(dir, level.device, level.inode))
        throw std::system_error(errno, std::generic_category(), "look at a directory");
    level.dir = std::move(dir);
    std::reverse(names->begin(), names->end());
    level.names = std::move(*names);
    level.path_size = path_.size();
    levels_.push_back(std::move(level));
    // The top stays: from there everything can be found again.
    if (levels_.size() > walk_descriptors + 1)
        levels_[levels_.size() - walk_descriptors].dir.reset();
    return true;
}

bool TreeWalk::descend() {
    auto& level = levels_.back();
    const auto name = std::move(level.names.back());
    level.names.pop_back();
    if (!path_.empty())
        path_ += '/';
    path_ += name;
    std::optional<Handle> dir;
    int error = 0;
    try {
        auto opened = open_child(kernel_, *level.dir, name);
        if (auto* const handle = std::get_if<Handle>(&opened); handle == nullptr)
            error = errno_of(opened);
        else if (const auto seen = handle->observe(); seen.type == FileType::dir && enter_(seen))
            dir = std::move(*handle);
        if (dir)
            return visit(std::move(*dir));
    } catch (const std::system_error& failure) {
        error = failure.code().value();
    }
    lose(path_, error);
    path_.resize(levels_.back().path_size);
    return true;
}

/// Out of a directory that is done; those above that cannot be found again are lost.
void TreeWalk::ascend() {
    const auto below = std::move(levels_.back());
    levels_.pop_back();
    if (levels_.empty())
        return;
    if (!levels_.back().dir) {
        Handle above{UniqueFd{openat(below.dir->fd(), "..", O_PATH | O_NOFOLLOW | O_CLOEXEC)}};
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        if (above.fd() >= 0 && mount_id(above.fd()) == mount_ && identify(above, device, inode) &&
            device == levels_.back().device && inode == levels_.back().inode)
            levels_.back().dir = std::move(above);
    }
    while (!levels_.back().dir) {
        lose(path_.substr(0, levels_.back().path_size), 0);
        levels_.pop_back();
    }
    path_.resize(levels_.back().path_size);
}

Listing::Listing(const Handle& dir) : stream_(nullptr) {
    UniqueFd fd{openat(dir.fd(), ".", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC)};
    stream_ = fd ? fdopendir(fd.get()) : nullptr;
    if (stream_ == nullptr)
        throw std::system_error(errno, std::generic_category(), "list a directory");
    fd.release(); // the stream's from now on
    part_.reserve(64);
}

Listing::~Listing() { closedir(static_cast<DIR*>(stream_)); }

void Listing::read() {
    size_ = 0;
    at_ = 0;
    while (size_ < part_size && !is_read_) {
        errno = 0;
        const auto* const entry = readdir(static_cast<DIR*>(stream_)); // NOLINT: of our own
        if (entry == nullptr && errno != 0)
            throw std::system_error(errno, std::generic_category(), "list a directory");
        if (entry == nullptr) {
            is_read_ = true;
            break;
        }
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..")
            continue;
        if (size_ == part_.size())
            part_.emplace_back();
        auto& listed = part_[size_++];
        listed.name.assign(name);
        listed.inode = entry->d_ino;
        listed.is_dir = entry->d_type == DT_DIR;
    }
    std::sort(part_.begin(), part_.begin() + static_cast<std::ptrdiff_t>(size_),
              [](const ListedName& a, const ListedName& b) { return a.inode < b.inode; });
}

const ListedName* Listing::next() {
    if (at_ == size_ && !is_read_)
        read();
    return at_ < size_ ? &part_[at_++] : nullptr;
}

} // namespace sshpermd
