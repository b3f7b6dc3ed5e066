#include "system/chroot.hpp"

#include "policy/sshd_config.hpp"
#include "system/home_root.hpp"
#include "system/machine.hpp"
#include "system/sshd_answer.hpp"
#include "system/sshd_config_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

/// The kernel's name and identity of a directory, every link on the way resolved. Asks no network
/// and no FUSE server.
struct Place {
    std::string name;
    dev_t device;
    ino_t inode;
};

std::optional<Place> place_of(const Handle& handle) {
    std::array<char, PATH_MAX> name{};
    struct stat about {};
    const auto length = readlink(proc_path(handle.fd()).c_str(), name.data(), name.size());
    if (length <= 0 || static_cast<std::size_t>(length) == name.size() ||
        fstatat(handle.fd(), "", &about, AT_EMPTY_PATH) != 0)
        return std::nullopt;
    return Place{{name.data(), static_cast<std::size_t>(length)}, about.st_dev, about.st_ino};
}

bool overlap_by_name(const std::string& one, const std::string& other) {
    return is_at_or_below(one, other) || is_at_or_below(other, one);
}

/// Is one of two directories the other, or part of it? True also when it cannot be told.
bool may_overlap(const std::string& chroot, const std::string& home) {
    if (!chroot.starts_with('/') || chroot.find("..") != std::string::npos ||
        overlap_by_name(chroot, home))
        return true;
    try {
        Machine machine;
        const auto opened = open_home_root(machine, chroot);
        if (std::holds_alternative<Missing>(opened))
            return false;
        const auto opened_home = open_home_root(machine, home);
        const auto* const outer = std::get_if<Handle>(&opened);
        const auto* const inner = std::get_if<Handle>(&opened_home);
        if (outer == nullptr || inner == nullptr)
            return true;
        const auto one = place_of(*outer);
        const auto other = place_of(*inner);
        return !one || !other || overlap_by_name(one->name, other->name) ||
               (one->device == other->device && one->inode == other->inode);
    } catch (const std::system_error&) {
        return true;
    }
}

} // namespace

std::optional<std::string> Chroots::ask(const std::string& config, const std::string& user) {
    const auto answer = ask_sshd(inquirer_, {places_.programs, config, user, places_.deadline});
    return answer ? chroot_directory_of(*answer) : std::nullopt;
}

std::optional<std::string> Chroots::setting_for(const Account& account) {
    const auto reading = read_sshd_config_files(Sysroot{}, places_.configs, places_.programs);
    if (!reading.may_chroot)
        return "none";
    if (!can_be_asked(account.name))
        return std::nullopt;
    if (stamp_ != reading.stamp) {
        stamp_ = reading.stamp;
        answers_.clear();
        silent_until_ = {};
    }
    const auto now = Clock::now();
    const auto key = reading.for_everybody ? std::string{} : account.name;
    const auto known = answers_.find(key);
    if (known != answers_.end() && now < known->second.until)
        return known->second.setting;
    if (now < silent_until_)
        return std::nullopt;

    auto setting = ask(reading.main, account.name);
    if (!setting) {
        silent_until_ = Clock::now() + std::chrono::minutes{1};
        return std::nullopt;
    }
    // A group of a directory service may change unseen. What then is left alone too long is no
    // harm.
    const std::chrono::minutes lifetime{*setting == "none" ? 1 : 10};
    answers_.insert_or_assign(key, Answer{*setting, Clock::now() + lifetime});
    return setting;
}

bool Chroots::may_confine(const Account& account) {
    const auto setting = setting_for(account);
    if (!setting)
        return true;
    if (*setting == "none")
        return false;
    const auto chroot = expand_chroot(*setting, account);
    return !chroot || may_overlap(*chroot, account.home);
}

} // namespace sshpermd
