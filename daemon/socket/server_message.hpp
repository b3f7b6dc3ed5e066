// The messages of the status socket: documents as HTTP.
#pragma once

#include "socket/server_json.hpp"

#include <string>
#include <string_view>

namespace sshpermd {

/// Head and body of an answer; the connection is closed behind it.
std::string message_of(const Document& document);

/// The head of an answer that ends when the connection does.
std::string head_of_stream(std::string_view type);

} // namespace sshpermd
