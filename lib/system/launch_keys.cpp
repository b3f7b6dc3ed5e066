#include "system/launch_keys.hpp"

#include "policy/instance_data.hpp"
#include "system/trusted_file.hpp"

namespace sshpermd {
std::vector<LineHash> launch_keys(const std::string& path) {
    std::vector<LineHash> hashes;
    for (const auto& text : public_keys_of(trusted_text(path).value_or("")))
        for (const auto& line : significant_lines(text))
            if (!line.fingerprint.empty())
                hashes.push_back(line.hash);
    return hashes;
}

} // namespace sshpermd
