#include "config_command.hpp"

#include "event/text.hpp"
#include "system/config_file.hpp"

#include <iostream>

namespace sshpermd {
namespace {

/// As comments: what is printed stays a configuration.
void print_origins(const LayeredConfig& loaded) {
    if (loaded.files.empty())
        std::cout << "// no configuration file: all of this is built in\n";
    for (const auto& file : loaded.files)
        std::cout << "// read: " << file << '\n';
    for (const auto& [pointer, place] : loaded.origins)
        std::cout << "// " << place << " sets " << printable(pointer) << '\n';
}

} // namespace

ExitCode config_show(const Options& options) {
    const auto loaded = load_config(options.config_file);
    if (options.verbosity == Verbosity::verbose && options.output == Output::text)
        print_origins(loaded);
    std::cout << to_text(loaded.config) << '\n';
    return ExitCode::ok;
}

ExitCode config_check(const Options& options) {
    const auto lines = check_config(options.config_file);
    if (options.verbosity != Verbosity::quiet)
        std::cout << lines;
    return ExitCode::ok;
}

} // namespace sshpermd
