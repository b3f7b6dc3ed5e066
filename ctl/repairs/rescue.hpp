// The commands with --root: for the root volume of a machine that nobody can reach, mounted on this
// one.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"
#include "policy/config.hpp"
#include "system/image.hpp"

#include <optional>

namespace sshpermd {

/// Pre: options.root. No state is read or written, neither the image's nor this machine's: nothing
/// is known of the past, and changes go to this machine's journal. The configuration is the
/// built-in one, or that of --config.
ExitCode check_image(const Options& options);
ExitCode repair_image(const Options& options);

/// The image that --root names, if there is one. Throws NoImage.
std::optional<Image> image_for(const Options& options);

/// The configuration that goes with an image: the built-in one, or that of --config.
Config config_for_image(const Options& options);

/// Takes what whoever changes an image needs; says so, and with which exit code, where that is not
/// to be had. Nothing when all is well.
std::optional<ExitCode> prepare_to_change(Image& image);

} // namespace sshpermd
