#include "explain/instance_checks.hpp"

#include "explain/session_manager.hpp"
#include "io/small_file.hpp"
#include "policy/fields.hpp"
#include "policy/mode.hpp"
#include "policy/sshd_config.hpp"
#include "system/acting_as.hpp"
#include "system/mounts.hpp"
#include "system/relabel.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace sshpermd {
namespace {

void add(LoginChecks& checks, const char* id, CheckResult result, std::string summary,
         std::string cause = {}, std::string fix = {}) {
    checks.push_back(
        {id, result, Weight::none, std::move(summary), std::move(cause), std::move(fix)});
}

std::string piped(const std::string& command, const char* into) {
    return command.empty() ? command : command + into;
}

/// Of the disks that sshd needs, which are the machine's own.
void check_disks(const LoginCase& login, LoginChecks& checks) {
    std::string full;
    for (const auto* const path : {"/", "/var", "/run", "/tmp"}) {
        struct statvfs about {};
        const auto place = login.root.locate(path);
        if (!place || fstatvfs(place.get(), &about) != 0 || about.f_blocks == 0)
            continue;
        const bool is_full = about.f_bavail * 200 < about.f_blocks; // less than half a per cent
        const bool has_no_inode = about.f_files > 0 && about.f_favail == 0;
        if ((is_full || has_no_inode) && full.empty())
            full = path;
    }
    if (full.empty())
        add(checks, "disk", CheckResult::pass, "no disk is full");
    else
        add(checks, "disk", CheckResult::fail, full + " is full", "No space left on device",
            piped(login.advice.on("du -xh", full), " | sort -h | tail -20"));
}

/// Where an image's file system would be mounted here.
std::string place_here(const LoginCase& login, const std::string& place) {
    const auto* const image = login.root.image();
    if (image == nullptr)
        return place;
    const auto real = login.root.real_path(place);
    return Sysroot{}.real_path(image->path()) + (real.empty() ? place : real);
}

/// What fstab has on the way to the home, and is not mounted; empty without any.
std::string missing_mount(const LoginCase& login) {
    const auto mounted = parse_mountinfo(read_small_file("/proc/self/mountinfo").value_or(""));
    const auto fstab = login.root.read("/etc/fstab").value_or("");
    for (std::string_view rest = fstab; !rest.empty();) {
        const auto fields = fields_of(take_field(rest, "\n"), blanks);
        if (fields.size() < 4 || fields[0].starts_with('#') ||
            fields[3].find("noauto") != std::string_view::npos)
            continue;
        auto place = unescaped(fields[1]);
        const auto here = place_here(login, place);
        const bool is_mounted =
            std::any_of(mounted.begin(), mounted.end(),
                        [&](const Mount& mount) { return mount.place == here; });
        if (place == "/" || !place.starts_with('/') || is_mounted ||
            !is_at_or_below(login.person->account.home, place))
            continue;
        return place;
    }
    return {};
}

/// Is a file system that fstab has on the way to the home mounted?
void check_mounts(const LoginCase& login, LoginChecks& checks) {
    const auto place = missing_mount(login);
    if (place.empty())
        return add(checks, "mounts", CheckResult::pass, "the home's file systems are mounted");
    const auto* const image = login.root.image();
    if (image == nullptr)
        return add(checks, "mounts", CheckResult::fail,
                   place + " is in /etc/fstab and is not mounted: the home that is seen is another",
                   "", "mount " + shell_word(place));
    checks.push_back({"mounts", CheckResult::unknown, Weight::decides,
                      place +
                          " is in the image's /etc/fstab: the home is in another volume, which "
                          "is to be mounted at " +
                          image->path() + place,
                      "", ""});
}

/// sshkey_perm_ok(): its owner's, and nobody else may read it.
void check_host_keys(const LoginCase& login, LoginChecks& checks) {
    if (!login.sshd.settings)
        return;
    for (const auto& key : login.sshd.settings->values("hostkey")) {
        struct stat about {};
        if (login.root.stat(key, about) != 0) {
            add(checks, "host_keys", CheckResult::note, "the host key " + key + " is not there",
                "error: Could not load host key: " + key, login.advice.make_host_keys());
            return;
        }
        if (about.st_uid == 0 && (about.st_mode & 077U) != 0) {
            add(checks, "host_keys", CheckResult::fail,
                "the host key " + key + " is " + to_string(Mode{about.st_mode}),
                "Permissions " + to_string(Mode{about.st_mode}) + " for '" + key +
                    "' are too open.",
                login.advice.on("chmod 600", key));
            return;
        }
    }
    add(checks, "host_keys", CheckResult::pass, "the host keys are there and closed");
}

void check_load(LoginChecks& checks) {
    constexpr double much = 10; // times the processors: a login takes longer than LoginGraceTime
    const auto text = read_small_file("/proc/loadavg").value_or("");
    const auto fields = fields_of(trim(text, "\n"), blanks);
    if (fields.size() < 4)
        return;
    const auto load = std::strtod(std::string{fields[0]}.c_str(), nullptr);
    const auto processors = static_cast<double>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
    if (load > much * processors)
        add(checks, "load", CheckResult::fail,
            "the load is " + std::string{fields[0]} + ": logins may run out of time",
            "Timeout before authentication", "ps axo pid,user,stat,pcpu,comm --sort=-pcpu | head");
    else
        add(checks, "load", CheckResult::pass, "the load is " + std::string{fields[0]});

    const auto slash = fields[3].find('/');
    const auto threads = decimal(fields[3].substr(slash + 1));
    const auto most =
        std::min(decimal(trim(read_small_file("/proc/sys/kernel/pid_max").value_or(""), "\n"))
                     .value_or(UINT64_MAX),
                 decimal(trim(read_small_file("/proc/sys/kernel/threads-max").value_or(""), "\n"))
                     .value_or(UINT64_MAX));
    if (threads && *threads > most - most / 20)
        add(checks, "processes", CheckResult::fail,
            std::to_string(*threads) + " processes and threads of " + std::to_string(most),
            "fork: Resource temporarily unavailable",
            "ps axo user= | sort | uniq -c | sort -n | tail -3");
    else
        add(checks, "processes", CheckResult::pass, "there is room for more processes");
}

void check_memory(LoginChecks& checks) {
    std::uint64_t total = 0;
    std::uint64_t available = 0;
    const auto text = read_small_file("/proc/meminfo").value_or("");
    for (std::string_view rest = text; !rest.empty();) {
        const auto fields = fields_of(take_field(rest, "\n"), blanks);
        if (fields.size() > 1 && fields[0] == "MemTotal:")
            total = decimal(fields[1]).value_or(0);
        if (fields.size() > 1 && fields[0] == "MemAvailable:")
            available = decimal(fields[1]).value_or(0);
    }
    if (total > 0 && available * 50 < total)
        add(checks, "memory", CheckResult::fail,
            std::to_string(available / 1024) + " MiB of memory are left",
            "fork: Cannot allocate memory", "ps axo pid,user,rss,comm --sort=-rss | head");
    else
        add(checks, "memory", CheckResult::pass, "there is memory");
}

/// Does this machine, or will the image's when it starts?
bool enforces_selinux(const Sysroot& root) {
    if (const auto* const image = root.image())
        return selinux_of(*image) == Selinux::enforcing;
    return read_small_file("/sys/fs/selinux/enforce") == "1";
}

/// SELinux keeps sshd from files in a home that are not labelled as keys.
void check_label(const LoginCase& login, LoginChecks& checks) {
    if (!enforces_selinux(login.root))
        return;
    const auto& account = login.person->account;
    const auto dir = account.home + "/.ssh";
    const auto label = act_as(
        account, 1024, std::chrono::seconds{5},
        [&] {
            const auto text = login.root.attribute(dir, "security.selinux");
            return text.substr(0, text.find('\0'));
        },
        login.root.groups_of(account));
    if (!label || label->empty())
        return;
    if (label->find(":ssh_home_t") != std::string::npos)
        add(checks, "selinux", CheckResult::pass, "SELinux knows ~/.ssh for what it is");
    else
        add(checks, "selinux", CheckResult::fail, dir + " is labelled " + *label,
            "avc: denied { read } for comm=\"sshd\" (in the audit log)",
            login.advice.live("restorecon -Rv " + shell_word(dir),
                              piped(login.advice.on_name("touch", "/.autorelabel"),
                                    "  # it labels everything when it starts")));
}

/// crypt(5): "!" and "*" begin what no password ever becomes.
void check_console(const LoginCase& login, LoginChecks& checks) {
    if (geteuid() != 0)
        return;
    const auto shadow = login.root.read("/etc/shadow").value_or("");
    std::string name;
    for (std::string_view rest = shadow; !rest.empty() && name.empty();) {
        auto line = take_field(rest, "\n");
        const auto user = take_field(line, ":");
        const auto password = take_field(line, ":");
        if (password.size() > 12 && password.front() != '!' && password.front() != '*')
            name = user;
    }
    if (name.empty())
        add(checks, "console", CheckResult::note,
            "no account has a password: nobody can log in on the serial console", "",
            login.advice.live("passwd root",
                              login.advice.usermod("-p \"$(openssl passwd -6)\"", "root")));
    else
        add(checks, "console", CheckResult::pass, name + " has a password for the serial console");
}

} // namespace

bool is_home_mounted(const LoginCase& login) { return missing_mount(login).empty(); }

void check_instance(const LoginCase& login, LoginChecks& checks) {
    check_disks(login, checks);
    if (login.person) {
        check_mounts(login, checks);
        check_label(login, checks);
    }
    check_host_keys(login, checks);
    if (!login.root.is_image()) {
        check_load(checks);
        check_memory(checks);
    }
    check_console(login, checks);
    check_session_manager(login, checks);
}

} // namespace sshpermd
