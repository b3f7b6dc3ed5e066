// The documents of the status socket (docs/socket.md).
#pragma once

#include "exchange.hpp"

#include <string>
#include <string_view>

namespace sshpermd {

struct Document {
    unsigned status = 200;
    std::string type; ///< application/json, application/problem+json, or text/plain
    std::string body;
};

Document document_of(const Answer& answer);

Document version_document(const std::string& version);
Document status_document(const Snapshot& snapshot);
Document users_document(const Snapshot& snapshot, const UserQuery& query);
Document config_document(const Snapshot& snapshot);
Document metrics_document(const Snapshot& snapshot);

/// Lines of the record as one document.
Document events_document(std::string_view lines, bool is_all);

/// HTTP's reason phrase.
std::string_view title_of(unsigned status);

} // namespace sshpermd
