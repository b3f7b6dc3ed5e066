// The messages of the status socket: documents as HTTP.
#pragma once

#include "socket/server_json.hpp"

#include <string>
#include <string_view>

namespace sshpermd {

/// Of an answer; the connection is closed behind its body.
std::string head_of(const Document& document);

/// Head and body.
std::string message_of(const Document& document);

/// The head of an answer that ends when the connection does.
std::string head_of_stream(std::string_view type);

} // namespace sshpermd
