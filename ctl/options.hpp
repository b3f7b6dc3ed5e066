// What the command line said, once it was found to be sound.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

enum class Verbosity { quiet, normal, verbose };
enum class ColorChoice { automatic, always, never };
enum class Output { text, json };

struct Options {
    Output output = Output::text;
    Verbosity verbosity = Verbosity::normal;
    ColorChoice color = ColorChoice::automatic;
    std::optional<std::string> config_file;
    std::vector<std::string> users;    ///< empty: everybody
    std::optional<std::string> socket; ///< of the daemon; nothing: as configured
    std::string file;                  ///< of check-key
    bool take_ownership = false;
    std::optional<std::string> trust_content;
};

} // namespace sshpermd
