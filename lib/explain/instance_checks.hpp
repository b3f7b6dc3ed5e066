// Instance checks: what of the machine keeps people out although sshd would let them in.
#pragma once

#include "explain/login_case.hpp"

namespace sshpermd {

/// Full disks, file systems that are not mounted, host keys, load, memory, processes, SELinux, and
/// the ways in besides sshd: the serial console and Session Manager. None of them has a say in the
/// verdict, but that an image may have its homes in another volume. Of an image only what its files
/// say.
void check_instance(const LoginCase& login, LoginChecks& checks);

/// Is the home seen that the machine has? False when a file system of its fstab is not mounted on
/// the way to it.
bool is_home_mounted(const LoginCase& login);

/// What no machine knows of itself.
inline constexpr const char* outside_words =
    "Not visible from here: security groups, network ACLs, routes and a public address; of Session "
    "Manager and EC2 Instance Connect also IAM and KMS.";

} // namespace sshpermd
