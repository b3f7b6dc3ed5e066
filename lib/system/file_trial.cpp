#include "system/file_trial.hpp"

#include "io/transfer.hpp"
#include "io/unique_fd.hpp"
#include "policy/fields.hpp"
#include "system/acting_as.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <thread>

namespace sshpermd {
namespace {

constexpr uid_t nobody = 65534;

bool put_over(const OtherContent& other, std::size_t number) {
    const auto scratch = std::string{trial_dir} + "/" + std::to_string(number);
    const UniqueFd file{
        open(scratch.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    return file && write_all(file.get(), other.text) == other.text.size() &&
           mount(scratch.c_str(), other.path.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

/// For this thread alone.
bool begin_trial(const char* size) {
    return unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount("sshpermctl", trial_dir, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, size) == 0;
}

bool enter_trial(const std::vector<OtherContent>& others) {
    if (!begin_trial("mode=0700,size=4m"))
        return false;
    for (std::size_t i = 0; i < others.size(); ++i)
        if (!put_over(others[i], i))
            return false;
    return true;
}

std::optional<Inquirer::Said> run_all(const std::vector<std::vector<std::string>>& commands,
                                      const Inquirer::Limits& limits, ChildProcess::Errors errors) {
    Inquirer inquirer;
    std::optional<Inquirer::Said> said;
    for (const auto& command : commands) {
        if (said && said->status != 0)
            return std::nullopt;
        said = inquirer.hear(command, limits, -1, errors);
        if (!said)
            return std::nullopt;
    }
    return said;
}

/// What a root directory has that programs are run in. None of it is where files are given.
constexpr std::array run_from{"/usr/bin",
                              "/usr/sbin",
                              "/usr/lib",
                              "/usr/lib32",
                              "/usr/lib64",
                              "/usr/libx32",
                              "/usr/libexec",
                              "/usr/local/bin",
                              "/usr/local/lib",
                              "/usr/local/lib64",
                              "/usr/local/libexec",
                              "/usr/local/sbin",
                              "/bin",
                              "/sbin",
                              "/lib",
                              "/lib32",
                              "/lib64",
                              "/libx32"};

bool make_dirs(const std::string& dir, std::size_t from) {
    for (auto at = dir.find('/', from + 1); at != std::string::npos; at = dir.find('/', at + 1))
        if (mkdir(dir.substr(0, at).c_str(), 0755) != 0 && errno != EEXIST)
            return false;
    return mkdir(dir.c_str(), 0755) == 0 || errno == EEXIST;
}

bool lay_file(const std::string& root, const std::string& path, const std::string& text) {
    const auto place = root + path;
    if (!may_be_given_apart(path) || !make_dirs(place.substr(0, place.rfind('/')), root.size()))
        return false;
    const UniqueFd file{
        open(place.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)};
    return file && write_all(file.get(), text) == text.size();
}

bool show(const std::string& path, const std::string& place) {
    return mount(path.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
           mount(nullptr, place.c_str(), nullptr,
                 MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) == 0;
}

/// Links are made again: they lead into the new root once it is one.
bool show_programs(const std::string& root) {
    for (const std::string path : run_from) {
        struct stat about {};
        if (lstat(path.c_str(), &about) != 0)
            continue;
        std::array<char, PATH_MAX> target{};
        if (S_ISLNK(about.st_mode)) {
            const auto length = readlink(path.c_str(), target.data(), target.size() - 1);
            if (length < 0 || symlink(target.data(), (root + path).c_str()) != 0)
                return false;
        } else if (!make_dirs(root + path, root.size()) || !show(path, root + path)) {
            return false;
        }
    }
    return true;
}

/// Before anything of this machine is in it there is no link in it, so files go nowhere else.
bool enter_apart(std::map<std::string, std::string> files) {
    // OpenSSH's programs end where nobody has their uid.
    files["/etc/passwd"] += "\nsshpermctl-trial:x:65534:65534::/:/bin/false\n";
    if (!begin_trial("mode=0755,size=64m") || unshare(CLONE_NEWNET) != 0)
        return false;
    umask(022);
    const auto root = std::string{trial_dir} + "/root";
    const auto scratch = root + trial_dir;
    const auto null = root + "/dev/null";
    if (!make_dirs(scratch, 1) || chown(scratch.c_str(), nobody, nobody) != 0 ||
        !make_dirs(root + "/dev", 1) || !make_dirs(root + "/usr", 1))
        return false;
    for (const auto& [path, text] : files)
        if (!lay_file(root, path, text))
            return false;
    return mknod(null.c_str(), S_IFREG | 0600, 0) == 0 &&
           mount("/dev/null", null.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
           show_programs(root) && chroot(root.c_str()) == 0 && chdir("/") == 0;
}

/// As nobody, in a child: a thread that gives up its rights still has the memory of one that has
/// them.
std::optional<Inquirer::Said> run_as_nobody(const std::vector<std::vector<std::string>>& commands,
                                            const Inquirer::Limits& limits,
                                            ChildProcess::Errors errors) {
    const auto bytes = act_as(
        {"nobody", nobody, nobody, "/"}, limits.bytes + 64,
        limits.deadline * static_cast<int>(commands.size()) + std::chrono::seconds{1},
        [&]() -> std::string {
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
                return {};
            const auto said = run_all(commands, limits, errors);
            return said ? std::to_string(said->status) + "\n" + said->text : std::string{};
        },
        std::vector<gid_t>{});
    if (!bytes)
        return std::nullopt;
    std::string_view text = *bytes;
    const auto status = decimal(take_field(text, "\n"));
    return status ? std::optional{Inquirer::Said{static_cast<int>(*status), std::string{text}}}
                  : std::nullopt;
}

} // namespace

bool may_be_given_apart(const std::string& path) {
    constexpr std::array below{"/etc/ssh/", "/etc/crypto-policies/", "/usr/etc/ssh/", "/tmp/"};
    constexpr std::array accounts{"/etc/passwd", "/etc/group", "/etc/nsswitch.conf"};
    return path.find("/../") == std::string::npos && !path.ends_with('/') &&
           (std::find(accounts.begin(), accounts.end(), path) != accounts.end() ||
            std::any_of(below.begin(), below.end(),
                        [&](const char* dir) { return path.starts_with(dir); }));
}

std::optional<Inquirer::Said> hear_apart(const std::map<std::string, std::string>& files,
                                         const std::vector<std::vector<std::string>>& commands,
                                         const Inquirer::Limits& limits,
                                         ChildProcess::Errors errors) {
    std::optional<Inquirer::Said> said;
    std::thread trial{[&] {
        if (enter_apart(files))
            said = run_as_nobody(commands, limits, errors);
    }};
    trial.join();
    return said;
}

std::optional<Inquirer::Said> hear_in_trial(const std::vector<OtherContent>& others,
                                            const std::vector<std::vector<std::string>>& commands,
                                            const Inquirer::Limits& limits) {
    std::optional<Inquirer::Said> said;
    std::thread trial{[&] { // a mount namespace is a thread's, and goes with it
        if (enter_trial(others))
            said = run_all(commands, limits, ChildProcess::Errors::with_output);
    }};
    trial.join();
    return said;
}

} // namespace sshpermd
