// The documents of the status socket (docs/socket.md).
#pragma once

#include "exchange.hpp"

#include <string>

namespace sshpermd {

struct Document {
    unsigned status = 200;
    std::string type; ///< application/json, or application/problem+json
    std::string body;
};

Document document_of(const Answer& answer);
Document version_document(const std::string& version);

} // namespace sshpermd
