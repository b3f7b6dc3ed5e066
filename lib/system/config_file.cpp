#include "system/config_file.hpp"

#include "event/text.hpp"
#include "system/account_database.hpp"
#include "system/trusted_file.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sshpermd {
namespace {

constexpr const char* suffix = ".json";

void add_all(const TrustedDir& dir, const std::vector<std::string>& names,
             std::vector<ConfigLayer>& layers) {
    for (const auto& name : names)
        if (auto text = dir.read(name))
            layers.push_back({printable(dir.path_of(name)), std::move(*text)});
}

std::vector<ConfigLayer> read_layers(const ConfigPlaces& places) {
    const TrustedDir vendor{places.vendor_dir};
    const TrustedDir site{places.site_dir};
    const auto site_names = site.names(suffix);
    auto vendor_names = vendor.names(suffix);
    std::erase_if(vendor_names, [&](const std::string& name) {
        return std::binary_search(site_names.begin(), site_names.end(), name);
    });

    std::vector<ConfigLayer> layers;
    add_all(vendor, vendor_names, layers);
    if (auto text = read_trusted_file(places.site_file))
        layers.push_back({places.site_file, std::move(*text)});
    add_all(site, site_names, layers);
    return layers;
}

void require_group(const LayeredConfig& layered, const Accounts& accounts,
                   const std::string& pointer, const std::string& name) {
    if (!accounts.group_gid(name))
        throw ConfigError(origin_of(layered, pointer) + "\"" + pointer +
                          "\": there is no group \"" + printable(name) +
                          "\" on this machine; make it (groupadd), or name one that is there "
                          "(getent group)");
}

} // namespace

LayeredConfig load_config(const std::optional<std::string>& named, const ConfigPlaces& places) {
    if (!named)
        return merge_layers(read_layers(places));
    auto text = read_trusted_file(*named);
    if (!text)
        throw ConfigError(*named + ": no such file");
    return merge_layers({{*named, std::move(*text)}});
}

void require_groups(const LayeredConfig& layered, const Accounts& accounts) {
    const auto& config = layered.config;
    require_group(layered, accounts, "/policy/home_root/group", config.home_root_group);
    if (config.socket.group != default_socket_group)
        require_group(layered, accounts, "/socket/group", config.socket.group);
}

std::string check_config(const std::optional<std::string>& named) {
    const auto loaded = load_config(named);
    require_groups(loaded, *read_accounts(loaded.config.home_roots));
    std::string lines;
    for (const auto& file : loaded.files)
        lines += file + ": ok\n";
    return loaded.files.empty() ? "no configuration file: the built-in one is in force\n" : lines;
}

} // namespace sshpermd
