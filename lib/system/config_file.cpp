#include "system/config_file.hpp"

#include "system/trusted_file.hpp"

namespace sshpermd {

Config load_config(const std::optional<std::string>& named) {
    const auto path = named.value_or(default_config_path);
    const auto text = read_trusted_file(path);
    if (text)
        return parse_config(*text, path);
    if (named)
        throw ConfigError(path + ": no such file");
    return {};
}

} // namespace sshpermd
