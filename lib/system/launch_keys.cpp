#include "system/launch_keys.hpp"

#include "policy/config.hpp"
#include "policy/instance_data.hpp"
#include "system/trusted_file.hpp"

#include <system_error>

namespace sshpermd {
namespace {

std::string text_of(const std::string& path) {
    try {
        return read_trusted_file(path).value_or("");
    } catch (const ConfigError&) { // others could have written it
        return "";
    } catch (const std::system_error&) {
        return "";
    }
}

} // namespace

std::vector<LineHash> launch_keys(const std::string& path) {
    std::vector<LineHash> hashes;
    for (const auto& text : public_keys_of(text_of(path)))
        for (const auto& line : significant_lines(text))
            if (!line.fingerprint.empty())
                hashes.push_back(line.hash);
    return hashes;
}

} // namespace sshpermd
