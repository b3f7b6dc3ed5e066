// Layers: one configuration from several files, the vendor's first and the site's last.
#pragma once

#include "policy/config.hpp"

#include <map>
#include <string>
#include <vector>

namespace sshpermd {

/// A file and what is in it.
struct ConfigLayer {
    std::string file;
    std::string text;
};

/// What the layers come to, and where each value was said.
struct LayeredConfig {
    Config config;
    std::vector<std::string> files;             ///< that were read, the lowest first
    std::map<std::string, std::string> origins; ///< JSON pointer in the whole → "file:line"
};

/// Later layers win: objects are merged member by member, everything else is replaced (RFC 7396),
/// except `overrides`, which are concatenated, those of later layers first. Each layer must be
/// right on its own, so that an error names the file and the line it is on. No layer at all is the
/// built-in configuration. Throws ConfigError.
LayeredConfig merge_layers(const std::vector<ConfigLayer>& layers);

/// "file:line: " of a value, as a complaint about it begins; empty for what is built in.
std::string origin_of(const LayeredConfig& layered, const std::string& pointer);

} // namespace sshpermd
