// Instance metadata: the public key that this instance was launched with.
#pragma once

#include <stdexcept>
#include <string>

namespace sshpermd {

/// There is no such service, or it has no key; what() says which.
class NoLaunchKey : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Asks EC2's instance metadata service, version 2 (a token first), for the first public key: its
/// text, at most 16 KiB, not judged here. At 169.254.169.254, or where the environment's
/// AWS_EC2_METADATA_SERVICE_ENDPOINT says, if that is "http://" and a loopback or link-local
/// address, or the service's own of IPv6, with a port or without: whoever sets an environment must
/// not make root ask just anybody. At most four seconds. Throws NoLaunchKey.
std::string read_launch_key();

} // namespace sshpermd
