#include "system/glance.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace sshpermd {
namespace {

/// A chain of bijections (the finalizer of splitmix64): who does not know where it begins cannot
/// say which values would end where others do.
class Digest {
  public:
    explicit Digest(std::uint64_t secret) : value_(secret) {}

    void add(std::uint64_t value) {
        value_ = (value_ ^ value) + 0x9E3779B97F4A7C15U;
        value_ = (value_ ^ value_ >> 30U) * 0xBF58476D1CE4E5B9U;
        value_ = (value_ ^ value_ >> 27U) * 0x94D049BB133111EBU;
        value_ ^= value_ >> 31U;
    }
    void add(const statx_timestamp& time) {
        add(static_cast<std::uint64_t>(time.tv_sec));
        add(time.tv_nsec);
    }
    Glimpse value() const { return value_; }

  private:
    std::uint64_t value_;
};

std::optional<struct statx> statx_of(int fd, unsigned type) {
    struct statx about {};
    if (statx_held(fd, Consult::nobody, STATX_BASIC_STATS, about) != 0 ||
        (about.stx_mode & S_IFMT) != type)
        return std::nullopt;
    return about;
}

/// Nothing, with ENOENT, when there is none; with another errno for all else. A file is not opened:
/// nothing is done to it, and nothing looked at that lies below.
std::optional<struct statx> look_at_file(const Kernel& kernel, int dir, const char* name) {
    struct statx about {};
    if (statx_named(dir, name, Consult::nobody, STATX_BASIC_STATS, about) != 0)
        return std::nullopt;
    if ((about.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0) { // who knows what is mounted?
        const UniqueFd file{open_listed(kernel, dir, name)};
        return file ? statx_of(file.get(), S_IFREG) : std::nullopt;
    }
    errno = EXDEV;
    const bool is_here = (about.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0;
    return is_here && (about.stx_mode & S_IFMT) == S_IFREG ? std::optional{about} : std::nullopt;
}

void add_object(Digest& digest, const struct statx& about) {
    digest.add(std::uint64_t{about.stx_dev_major} << 32U | about.stx_dev_minor);
    digest.add(about.stx_ino);
    digest.add(std::uint64_t{about.stx_uid} << 32U | about.stx_gid);
    digest.add(about.stx_mode | (about.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND))
                                    << 16U);
    digest.add(about.stx_ctime);
}

bool is_as(const Expected& expected, const struct statx& about) {
    return Mode{about.stx_mode} == expected.mode && about.stx_uid == expected.owner &&
           about.stx_gid == expected.group;
}

} // namespace

std::optional<Plain> plain_of(const Home& home) {
    bool is_judged = !home.shared;
    const auto expected = [&](Target target) {
        const auto& rule = home.policy->rule(target);
        is_judged = is_judged && !rule.ignore;
        return Expected{rule.mode, home.account->uid, home.account->gid};
    };
    const Plain plain{expected(Target::home), expected(Target::ssh_dir),
                      expected(Target::authorized_keys)};
    return is_judged ? std::optional{plain} : std::nullopt;
}

std::optional<Glance> Eye::glance(const Handle& root, const std::string& name, const Plain* plain,
                                  const OnDir& on_dir) const {
    constexpr std::uint64_t absent = ~std::uint64_t{0}; // no device's number
    Digest digest{secret_};
    Glance seen;
    seen.is_plainly_right = plain != nullptr;
    const auto add = [&](const std::optional<struct statx>& about, const Expected* expected) {
        if (!about)
            return false;
        add_object(digest, *about);
        seen.is_plainly_right = seen.is_plainly_right && is_as(*expected, *about);
        return true;
    };
    const auto may_go_on = [&](Target target, const Handle& dir) {
        return !on_dir || on_dir(target, dir);
    };

    const Handle home{UniqueFd{open_listed(kernel_, root.fd(), name.c_str())}};
    if (home.fd() < 0 || !may_go_on(Target::home, home))
        return std::nullopt;
    const Handle ssh_dir{UniqueFd{open_listed(kernel_, home.fd(), ".ssh")}};
    seen.has_ssh_dir = ssh_dir.fd() >= 0;
    if ((!seen.has_ssh_dir && errno != ENOENT) ||
        (seen.has_ssh_dir && !may_go_on(Target::ssh_dir, ssh_dir)) ||
        !add(statx_of(home.fd(), S_IFDIR), plain != nullptr ? &plain->home : nullptr))
        return std::nullopt;
    if (!seen.has_ssh_dir) {
        digest.add(absent);
        seen.now = digest.value();
        return seen;
    }
    if (!add(statx_of(ssh_dir.fd(), S_IFDIR), plain != nullptr ? &plain->ssh_dir : nullptr))
        return std::nullopt;
    for (const auto& key_file : key_files_) {
        const auto file = look_at_file(kernel_, ssh_dir.fd(), key_file.c_str());
        if (!file && errno == ENOENT)
            digest.add(absent);
        else if (!add(file, plain != nullptr ? &plain->key_file : nullptr))
            return std::nullopt;
        seen.key_files += file ? 1U : 0U;
        seen.has_first_key_file =
            seen.has_first_key_file || (file && &key_file == key_files_.data());
    }
    seen.now = digest.value();
    return seen;
}

} // namespace sshpermd
