#include "system/chroot.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace sshpermd {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// A keyword may be followed by "=" instead of a space, and the value may be quoted.
bool sets_chroot(const std::filesystem::path& file) {
    std::ifstream in{file};
    if (!in)
        return true;
    for (std::string line; std::getline(in, line);) {
        std::replace(line.begin(), line.end(), '=', ' ');
        std::erase(line, '"');
        std::istringstream words{line};
        std::string keyword;
        std::string value;
        words >> keyword >> value;
        if (lower(keyword) == "chrootdirectory" && lower(value) != "none")
            return true;
        if (lower(keyword) == "include" && value.find("sshd_config.d") == std::string::npos)
            return true; // who knows what is in there
    }
    return false;
}

} // namespace

bool sshd_may_chroot(const Account& /*account*/) {
    namespace fs = std::filesystem;
    const fs::path main{"/etc/ssh/sshd_config"};
    std::error_code error;
    if (fs::exists(main, error) && sets_chroot(main))
        return true;
    for (const auto& entry : fs::directory_iterator{"/etc/ssh/sshd_config.d", error})
        if (sets_chroot(entry.path()))
            return true;
    return false;
}

} // namespace sshpermd
