#include "disk.hpp"

#include "process.hpp"
#include "ssh_server.hpp"

namespace system_tests {

namespace fs = std::filesystem;

Disk::Disk(const std::string& file_system) {
    fs::create_directories(at);
    fs::remove(file);
    must_run({"truncate", "-s", "320M", file});
    must_run({"mkfs." + file_system, "-q", file});
    must_run({"mount", "-o", "loop", file, at});
    for (const auto* const dir : {"etc", "home", "srv", "usr", "usr/sbin"})
        make_directory(at / dir, {0755, disk_root});
    write_file(at / "etc/passwd",
               "root:x:0:0:root:/root:/bin/sh\n"
               "alice:x:30001:30001::/home/alice:/bin/sh\n"
               "bob:x:30002:30002::/home/bob:/bin/sh\n",
               {0644, disk_root});
    write_file(at / "etc/group", "root:x:0:\nalice:x:30001:\nbob:x:30002:\n", {0644, disk_root});
    write_file(at / "etc/nsswitch.conf", "passwd: files systemd\ngroup: files systemd\n",
               {0644, disk_root});
    make_home("alice", disk_alice);
    make_home("bob", disk_bob);
}

Disk::~Disk() { run({"umount", "-l", at}); }

void Disk::make_home(const std::string& name, Owner owner) const {
    make_directory(at / "home" / name, {0700, owner});
    make_directory(at / "home" / name / ".ssh", {0700, owner});
    write_file(at / "home" / name / ".ssh/authorized_keys", key_pair("client").line, {0600, owner});
}

void Disk::give_sshd() const {
    for (const auto* const dir :
         {"etc/ssh", "etc/ssh/sshd_config.d", "usr/bin", "etc/pam.d", "var", "run"})
        make_directory(at / dir, {0755, disk_root});
    fs::create_directory_symlink("usr/bin", at / "bin");
    const auto program = "#!/bin/sh\ntouch " + ran.native() + "\n# OpenSSH_9.2p1\n";
    for (const auto* const path : {"usr/sbin/sshd", "usr/bin/sh", "usr/bin/ssh-keygen"})
        write_file(at / path, program, {0755, disk_root});
    write_file(at / "etc/ssh/sshd_config",
               "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM no\nStrictModes yes\n",
               {0644, disk_root});
    write_file(at / "etc/shadow", "root:*:19000:0:99999:7:::\nalice:*:19000:0:99999:7:::\n",
               {0640, disk_root});
    fs::remove(ran);
}

void Disk::configure(const std::string& lines) const {
    write_file(at / "etc/ssh/sshd_config.d/10-test.conf", lines, {0644, disk_root});
}

std::string state_of_etc() {
    return must_run({"find", "/etc", "-printf", "%p %m %U %G %s %T@ %C@ %l\n"});
}

} // namespace system_tests
