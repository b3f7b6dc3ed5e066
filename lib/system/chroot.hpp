// Chroots: homes that sshd wants to belong to root.
#pragma once

namespace sshpermd {

/// Does sshd's configuration (/etc/ssh/sshd_config and the files of sshd_config.d) set any
/// ChrootDirectory? Then a home of root's may be one, and giving it away would end its sessions
/// (session.c safely_chroot() of OpenSSH). Also true when a file cannot be read.
bool sshd_may_chroot();

} // namespace sshpermd
