// The configuration files of sshd as they are now.
#pragma once

#include "system/sysroot.hpp"

#include <map>
#include <string>
#include <vector>

namespace sshpermd {

struct SshdConfigFiles {
    std::string main;             ///< empty without any: no sshd could be running
    std::string stamp;            ///< differs when anything has changed that sshd's answer rests on
    bool may_chroot = false;      ///< the word occurs, or a file cannot be read or followed
    bool for_everybody = true;    ///< without a Match
    bool asks_for_client = false; ///< a Match of hosts or addresses, or a file cannot be read
    std::string unclear;          ///< the first file or pattern that could not be read or followed
    std::map<std::string, std::string> texts; ///< of an image, by path, up to 4 MiB in all
};

/// Reads the first of `mains` that exists and what it includes. Includes are followed below /etc,
/// /usr and main's own directory; regular files of at most 1 MiB are read, at most 256. The stamp
/// also has, of this machine, the account files, for Match Group, the empty directory that
/// `sshd -T` wants, and the `programs`.
SshdConfigFiles read_sshd_config_files(const Sysroot& root, const std::vector<std::string>& mains,
                                       const std::vector<std::string>& programs);

} // namespace sshpermd
