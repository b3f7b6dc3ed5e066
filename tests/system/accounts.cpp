// Accounts of the throw-away machine: /etc is changed by rename, as useradd does it.
#include "accounts.hpp"

#include "files.hpp"
#include "ssh_server.hpp"

#include <algorithm>

namespace system_tests {

namespace fs = std::filesystem;

namespace {

const std::string bystander = "shared";

/// Writes beside the file and renames over it, with the old file's mode and group.
void replace(const fs::path& path, const std::string& text) {
    auto beside = path;
    beside += "+";
    write_file(beside, text, {mode_of(path), owner_of(path)});
    fs::rename(beside, path);
}

void empty(const fs::path& directory) {
    fs::create_directories(directory);
    for (const auto& entry : fs::directory_iterator{directory})
        fs::remove_all(entry.path());
    own(directory, {0, 0});
    set_mode(directory, 0755);
}

} // namespace

Accounts::Accounts()
    : passwd_{read_file("/etc/passwd")},
      group_{read_file("/etc/group")},
      shadow_{read_file("/etc/shadow")} {
    empty("/home");
    empty("/srv");
    empty("/srv/homes");
    fs::remove_all("/var/lib/sshpermd"); // accounts of the same names were other people
}

Accounts::~Accounts() {
    lines_.clear();
    publish();
}

Account Accounts::append(const std::string& name, const fs::path& home, Group group) {
    lines_.push_back({{name, next_, next_, home}, group});
    ++next_;
    return lines_.back().account;
}

Account Accounts::enlist(const std::string& name, const fs::path& home, Group group) {
    auto account = append(name, home, group);
    publish();
    return account;
}

Account Accounts::add(const std::string& name, Group group) {
    auto account = append(name, fs::path{"/home"} / name, group);
    make_home(account);
    publish();
    return account;
}

std::vector<Account> Accounts::add(const std::string& name, int count) {
    std::vector<Account> accounts;
    for (int i = 1; i <= count; ++i) {
        const auto numbered = name + std::to_string(i);
        accounts.push_back(append(numbered, fs::path{"/home"} / numbered, Group::of_its_own));
        make_home(accounts.back());
    }
    publish();
    return accounts;
}

void Accounts::dismiss(const Account& account) {
    std::erase_if(lines_, [&](const Line& line) { return line.account.name == account.name; });
    publish();
}

void Accounts::publish() const {
    auto passwd = passwd_;
    auto group = group_;
    auto shadow = shadow_;
    for (const auto& [account, kind] : lines_) {
        const auto uid = std::to_string(account.uid);
        passwd +=
            account.name + ":x:" + uid + ":" + uid + "::" + account.home.native() + ":/bin/sh\n";
        group += account.name + ":x:" + uid + ":" +
                 (kind == Group::shared ? bystander : std::string{}) + "\n";
        shadow += account.name + ":*:19000:0:99999:7:::\n";
    }
    if (std::any_of(lines_.begin(), lines_.end(),
                    [](const Line& line) { return line.group == Group::shared; })) {
        passwd += bystander + ":x:19999:19999::/nonexistent:/usr/sbin/nologin\n";
        group += bystander + ":x:19999:\n";
    }
    replace("/etc/group", group);
    replace("/etc/shadow", shadow);
    replace("/etc/passwd", passwd);
}

void make_home(const Account& account) { make_home(account, account.home); }

void make_home(const Account& account, const fs::path& at) {
    const Owner owner{account.uid, account.gid};
    make_directory(at, {0700, owner});
    make_directory(at / ".ssh", {0700, owner});
    write_file(at / ".ssh/authorized_keys", public_key(), {0600, owner});

    write_file(at / ".ssh/known_hosts", "# none yet\n", {0644, owner});
    write_file(at / ".ssh/id_ed25519", "not really a key\n", {0600, owner});
    write_file(at / ".profile", "# nothing\n", {0644, owner});
    write_file(at / "everybody's", "notes\n", {0666, owner});
    make_directory(at / "public", {0777, owner});
    write_file(at / "public/tool", "#!/bin/sh\n", {04755, owner});
    write_file(at / "public/of-root", "root's\n", {0600, {0, 0}});
    fs::create_hard_link(at / "everybody's", at / "public/linked");
    fs::create_symlink("../everybody's", at / "public/pointer");
    own(at / "public/pointer", owner);
}

void make_home_with_root(const Account& account, mode_t root) {
    const auto there = account.home.parent_path();
    const auto beside = there.parent_path() / ".made";
    make_directory(beside, {root, {0, 0}});
    make_home(account, beside / account.home.filename());
    fs::rename(beside, there);
}

} // namespace system_tests
