// Stream: an answer of the daemon that does not end, line by line.
#pragma once

#include "socket/client.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace sshpermd {

/// Calls `each` with every line until the daemon ends the connection; its answer when that is not
/// 200. Throws NobodyAnswers when none came.
HttpAnswer read_stream(const std::string& socket, const std::string& path,
                       const std::function<void(std::string_view line)>& each);

} // namespace sshpermd
