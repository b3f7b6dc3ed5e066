// The JSON of a request: one object, of which nothing is unknown.
#pragma once

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace sshpermd {

/// Throws RequestError: what is wrong with the request, half a sentence.
[[noreturn]] void fail_request(const std::string& problem);

/// The object that the text is, with no other members than these; an empty one for no text. Throws
/// RequestError.
nlohmann::ordered_json parse_request(std::string_view text,
                                     std::initializer_list<std::string_view> known);

} // namespace sshpermd
