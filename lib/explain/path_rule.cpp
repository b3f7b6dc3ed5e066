#include "explain/path_rule.hpp"

#include "policy/mode.hpp"
#include "system/user_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sshpermd {
namespace {

/// misc.c secure_permissions() of Debian's patch. What is counted are entries, not people.
bool is_group_of_one(const PathPart& part, uid_t uid, const LoginCase& login) {
    const auto group = std::find_if(login.groups.begin(), login.groups.end(),
                                    [&](const Group& one) { return one.gid == part.group; });
    if (group == login.groups.end())
        return false;
    bool has_member = false;
    for (const auto& account : login.accounts) {
        if (account.gid != part.group)
            continue;
        if (account.uid != uid)
            return false;
        has_member = true;
    }
    const auto owner = std::find_if(login.accounts.begin(), login.accounts.end(),
                                    [&](const Account& one) { return one.uid == part.owner; });
    if (owner == login.accounts.end())
        return false;
    const auto members = group->members.all();
    if (members.empty())
        return has_member;
    return members.size() == 1 && members.front() == owner->name;
}

bool is_target(const std::string& path, const Account& account) {
    for (const auto* const name : {"", "/.ssh", "/.ssh/authorized_keys", "/.ssh/authorized_keys2"})
        if (path == account.home + name)
            return account.uid >= 1000 && account.home.starts_with("/home/");
    return false;
}

std::string name_of(uid_t uid, const LoginCase& login) {
    const auto owner = std::find_if(login.accounts.begin(), login.accounts.end(),
                                    [&](const Account& one) { return one.uid == uid; });
    return owner != login.accounts.end() ? owner->name : std::to_string(uid);
}

std::string describe(const PathPart& part, const LoginCase& login) {
    return part.path + " is " + to_string(Mode{part.mode}) + " and " + name_of(part.owner, login) +
           "'s" + (part.has_acl ? ", with an ACL" : "");
}

/// The name of an image's account may be another's here.
std::string owner_word(const LoginCase& login) {
    const auto& account = login.person->account;
    return login.root.is_image() ? std::to_string(account.uid) : shell_word(account.name);
}

std::string fix_of(const PathPart& part, const LoginCase& login) {
    const auto& account = login.person->account;
    const bool is_theirs = part.owner == 0 || part.owner == account.uid;
    const auto& advice = login.advice;
    const auto user = shell_word(account.name);
    if (is_target(part.path, account))
        return advice.sshpermctl("repair", (is_theirs ? "" : "--take-ownership ") + user);
    const bool is_inside = part.path.starts_with(account.home + "/") || part.path == account.home;
    auto narrow = advice.on("chmod go-w", part.path);
    if (is_theirs)
        return narrow;
    const auto give =
        advice.on("chown " + (is_inside ? owner_word(login) : std::string{"root"}), part.path);
    return (part.mode & 022U) != 0 ? both(give, narrow) : give;
}

/// What keeps the account from getting to the file, or from reading it.
PathFlaw denied(const KeyPath& path, const LoginCase& login) {
    const auto& account = login.person->account;
    PathFlaw flaw;
    flaw.cause = "Could not open user '" + account.name + "' authorized keys '" + path.path +
                 "': " + std::strerror(path.open_error);
    const auto& way = path.on_the_way;
    const bool is_dir = !way.empty() && way.back().error != 0;
    if (way.size() < (is_dir ? 2U : 1U)) {
        flaw.summary = path.path + " cannot be opened by " + account.name;
        return flaw;
    }
    const auto& part = is_dir ? way[way.size() - 2] : way.back();
    flaw.summary = describe(part, login) + ": " + account.name +
                   (is_dir ? " may not search it" : " may not read it");
    const bool can_be_repaired =
        is_target(part.path, account) && (part.owner == account.uid || part.owner == 0);
    const auto bit = std::string{is_dir ? "x" : "r"};
    const auto& advice = login.advice;
    if (can_be_repaired)
        flaw.fix =
            advice.sshpermctl("repair", std::string{part.owner == 0 ? "--take-ownership " : ""} +
                                            shell_word(account.name));
    else if (part.owner == account.uid)
        flaw.fix = advice.on("chmod u+" + bit, part.path);
    else if (part.path.starts_with(account.home))
        flaw.fix = advice.on("chown " + owner_word(login), part.path);
    else
        flaw.fix = advice.on("chmod o+" + bit, part.path);
    return flaw;
}

PathFlaw missing(const KeyPath& path, const LoginCase& login) {
    const auto& way = path.on_the_way;
    const auto& what = way.empty() ? path.path : way.back().path;
    return {
        PathFlaw::Kind::missing, "there is no " + what,
        "Could not open user '" + login.person->account.name + "' authorized keys '" + path.path +
            "': No such file or directory (said at LogLevel DEBUG only)",
        login.advice.sshpermctl("add-key", shell_word(login.person->account.name) + " FILE.pub")};
}

std::optional<PathFlaw> open_flaw(const KeyPath& path, const LoginCase& login) {
    const auto& name = login.person->account.name;
    switch (path.open_error) {
    case 0: return std::nullopt;
    case ENOENT: return missing(path, login);
    case EACCES:
    case EPERM: return denied(path, login);
    case EFBIG:
        return PathFlaw{PathFlaw::Kind::cannot_tell,
                        path.path + " is larger than 1 MiB: not read here", "",
                        login.advice.on("grep -c .", path.path)};
    case not_a_regular_file:
        return PathFlaw{PathFlaw::Kind::refused, path.path + " is no file",
                        "User '" + name + "' authorized keys '" + path.path +
                            "' is not a regular file",
                        login.advice.put_aside(path.path)};
    default:
        return PathFlaw{PathFlaw::Kind::refused, path.path + " cannot be opened",
                        "Could not open user '" + name + "' authorized keys '" + path.path +
                            "': " + std::strerror(path.open_error),
                        login.advice.on_name("ls -ld", path.path)};
    }
}

PathFlaw unsafe(const PathPart& part, const char* kind, const LoginCase& login) {
    return {PathFlaw::Kind::refused, describe(part, login),
            "Authentication refused: bad ownership or modes for " + std::string{kind} + " " +
                part.path,
            fix_of(part, login)};
}

} // namespace

bool is_safe(const PathPart& part, uid_t uid, const LoginCase& login) {
    if (part.error != 0 || (part.owner != 0 && part.owner != uid))
        return false;
    if ((part.mode & 022U) == 0)
        return true;
    return (part.mode & 02U) == 0 && login.sshd.accepts_private_groups &&
           is_group_of_one(part, uid, login);
}

std::optional<PathFlaw> flaw_of(const KeyPath& path, const LoginCase& login) {
    if (auto flaw = open_flaw(path, login))
        return flaw;
    if (!login.sshd.settings->is("strictmodes", "yes"))
        return std::nullopt;
    const auto uid = login.person->account.uid;
    if (path.real_path.empty())
        return PathFlaw{PathFlaw::Kind::refused, path.path + " has no real path",
                        "Authentication refused: realpath " + path.path + " failed",
                        login.advice.on_name("ls -ld", path.path)};
    auto file = *path.file;
    file.path = path.real_path;
    if (!is_safe(file, uid, login))
        return unsafe(file, "file", login);
    for (const auto& parent : path.parents) {
        if (!is_safe(parent, uid, login))
            return unsafe(parent, "directory", login);
        if (parent.path == path.real_home)
            break;
    }
    return std::nullopt;
}

} // namespace sshpermd
