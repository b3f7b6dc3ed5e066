// The JSON document of check and repair (schema sshpermd.check/1).
#pragma once

#include "survey.hpp"

#include <string>

namespace sshpermd {

/// How many targets came out how.
struct Summary {
    std::size_t users = 0;
    std::size_t compliant = 0;
    std::size_t drift = 0; ///< found, whether or not it was repaired
    std::size_t refused = 0;
    std::size_t missing = 0;
    std::size_t errors = 0;
    std::size_t repaired = 0;
};

Summary summarise(const Survey& survey);

/// One document, without a newline at its end.
std::string to_json(const Survey& survey);

/// The word for a report's result: a failure to look is "error".
std::string_view result_word(const Report& report);

} // namespace sshpermd
