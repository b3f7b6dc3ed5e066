// JSON as everything here writes it.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace sshpermd {

/// Members stay in the order in which they were written.
using Json = nlohmann::ordered_json;

/// Null for nothing.
template <typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

/// Null for an empty text.
Json text_or_null(const std::string& text);

/// In one line and in ASCII, without its end. Bytes that are not UTF-8 become U+FFFD; nothing is
/// thrown for them.
std::string one_line(const Json& json);

/// The same for people: a line for each member, two spaces deeper than what it is in.
std::string indented(const Json& json);

} // namespace sshpermd
