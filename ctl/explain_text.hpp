// Explain text: what explain found, for a person on a serial console and for a program.
#pragma once

#include "explain/explain.hpp"
#include "options.hpp"

#include <nlohmann/json.hpp>

#include <iosfwd>

namespace sshpermd {

/// The verdict and the first cause first, then what else is not as it should be; what is, in one
/// line, or, for the verbose, in a line each.
void print_explanation(std::ostream& out, const LoginQuestion& question,
                       const Explanation& explanation, Verbosity verbosity);

/// docs/explain.schema.json.
nlohmann::ordered_json json_of(const LoginQuestion& question, const Explanation& explanation);

} // namespace sshpermd
