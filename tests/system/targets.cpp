// The targets of one account, and whether they are as the policy wants them.
#include "targets.hpp"

#include "files.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>

namespace system_tests {

namespace {

constexpr std::array all{Target::home, Target::ssh_dir, Target::authorized_keys};

bool is_right(Target target, const Account& account) {
    return is(path_of(target, account), {mode_for(target), {account.uid, account.gid}});
}

} // namespace

std::filesystem::path path_of(Target target, const Account& account) {
    if (target == Target::home)
        return account.home;
    return target == Target::ssh_dir ? account.ssh_dir() : account.authorized_keys();
}

const char* name_of(Target target) {
    if (target == Target::home)
        return "home";
    return target == Target::ssh_dir ? "ssh_dir" : "authorized_keys";
}

mode_t mode_for(Target target) { return target == Target::authorized_keys ? 0600 : 0700; }

bool is_right(const Account& account) {
    return std::all_of(all.begin(), all.end(), [&](Target target) {
        return !is_there(path_of(target, account)) || is_right(target, account);
    });
}

bool is_whole(const Account& account) {
    return std::all_of(all.begin(), all.end(),
                       [&](Target target) { return is_right(target, account); });
}

std::string describe(const Account& account) {
    std::string line = account.name + " is " + std::to_string(account.uid) + ":";
    for (const auto target : all) {
        const auto path = path_of(target, account);
        line += std::string{" "} + name_of(target);
        if (!is_there(path)) {
            line += " missing";
            continue;
        }
        std::array<char, 16> mode{};
        std::snprintf(mode.data(), mode.size(), " %04o ", mode_of(path));
        const auto owner = owner_of(path);
        line += mode.data() + std::to_string(owner.uid) + ":" + std::to_string(owner.gid);
    }
    return line;
}

void loosen(const Account& account) {
    set_mode(account.home, 0755);
    set_mode(account.ssh_dir(), 0755);
    set_mode(account.authorized_keys(), 0644);
}

void open_up(const Account& account) {
    set_mode(account.authorized_keys(), 0666);
    set_mode(account.ssh_dir(), 0777);
    set_mode(account.home, 0777);
}

void repair_naively(const Account& account) {
    for (const auto target : all) {
        const auto path = path_of(target, account);
        struct stat found {};
        if (::stat(path.c_str(), &found) != 0)
            continue;
        if (found.st_uid != account.uid || found.st_gid != account.gid)
            (void)!::chown(path.c_str(), account.uid, account.gid);
        if ((found.st_mode & 07777U) != mode_for(target))
            (void)::chmod(path.c_str(), mode_for(target));
    }
}

} // namespace system_tests
