// JSON with comments, read strictly: every value knows its line, and no key comes twice.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>

namespace sshpermd {

struct Config;

/// A parsed document and where its values began.
struct JsonDocument {
    nlohmann::ordered_json root;
    std::map<std::string, unsigned> lines; ///< JSON pointer → line, from 1
};

/// Throws ConfigError for text that is not one JSON document, for a key that comes twice in an
/// object, and for nesting deeper than 16.
JsonDocument parse_json(std::string_view text, std::string_view file);

/// Turns a document into a configuration; `file` is only named in errors. Throws ConfigError.
Config read_config(const JsonDocument& document, std::string_view file);

/// "file:line: /pointer: problem", as every message about a configuration begins.
std::string locate(std::string_view file, const JsonDocument& document, const std::string& pointer,
                   std::string_view problem);

/// A JSON pointer one step deeper (RFC 6901: "~" and "/" escaped).
std::string deeper(const std::string& pointer, std::string_view key);

} // namespace sshpermd
