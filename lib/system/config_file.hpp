// The configuration's files: where they are, and how they are trusted and read.
#pragma once

#include "policy/account.hpp"
#include "policy/config_layers.hpp"

#include <optional>
#include <string>

namespace sshpermd {

/// Where the layers are, the lowest first.
struct ConfigPlaces {
    std::string vendor_dir = "/usr/lib/sshpermd/conf.d"; ///< *.json, sorted by name
    std::string site_file = "/etc/sshpermd/sshpermd.json";
    std::string site_dir = "/etc/sshpermd/conf.d"; ///< its names mask the vendor's
};

/// Reads `named`, which must exist, and nothing else; or else every layer that is there. A file of
/// the vendor's is not read when the site's directory has anything of the same name: a file there
/// that holds {} switches it off. Throws ConfigError; std::system_error when a file cannot be read.
LayeredConfig load_config(const std::optional<std::string>& named, const ConfigPlaces& places = {});

/// Throws ConfigError, with the place where it was said, when the configuration names a group that
/// is not there. The socket's may be missing when it is the built-in one.
void require_groups(const LayeredConfig& layered, const Accounts& accounts);

/// Is what is there, as load_config() finds it, a configuration that can be used on this machine?
/// What to say of it, in lines. Throws as load_config() and require_groups(); asks NSS for as long
/// as that takes.
std::string check_config(const std::optional<std::string>& named);

} // namespace sshpermd
