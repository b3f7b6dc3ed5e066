// The JSON document of check and repair (schema sshpermd.check/1), written and read.
#pragma once

#include "event/check.hpp"

#include <string>
#include <string_view>

namespace sshpermd {

/// One document, ASCII, without a newline at its end. Bytes that are not UTF-8 are replaced.
std::string to_json(const Check& check);

/// The check that to_json() made the text of; nothing for any other text.
std::optional<Check> parse_check(std::string_view text);

} // namespace sshpermd
