// Relabelling: what is said of the labels that SELinux wants on files in an image.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"
#include "system/relabel.hpp"

#include <string>
#include <vector>

namespace sshpermd {

/// What came of it; all empty where nothing had to be done.
struct RelabellingResult {
    std::string word;    ///< for programs; "failed" when there is a problem
    std::string what;    ///< for a person: half a sentence
    std::string problem; ///< why it could not be requested
};

/// After these paths in the image were changed or made, or, with `look`, would be.
RelabellingResult see_to_labels(const Image& image, const std::vector<std::string>& paths,
                                RelabelHand hand);

/// Prints it, if anybody reads along; ok unless there is a problem.
ExitCode tell(const RelabellingResult& result, const Options& options);

} // namespace sshpermd
