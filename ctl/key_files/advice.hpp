// Key advice: what keeps a key file from being used, and the command that changes that.
#pragma once

#include "keys/key_file.hpp"
#include "policy/mode.hpp"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

struct KeyAdvice {
    std::string problem; ///< one word, as in JSON
    std::string why;
    std::string fix; ///< a command; empty where there is none
};

/// A key file on the disk.
struct SeenKeyFile {
    std::string path;
    Mode mode;
    uid_t owner = 0;
    KeyFileReading reading;
};

/// "OpenSSH private key": for a person.
std::string_view title(KeyFormat format);

/// Everything that keeps ssh (of a private key) or sshd (of a public one) from using it.
std::vector<KeyAdvice> advice_for(const SeenKeyFile& file);

/// Would `ssh -i` of the file's owner read it, its passphrase known?
bool is_read_by_ssh(const SeenKeyFile& file);

/// Why EC2 takes no such key pair; empty when it does.
std::string why_not_in_ec2(const PublicKey& key);

} // namespace sshpermd
