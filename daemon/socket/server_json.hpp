// The documents of the status socket (docs/socket.md).
#pragma once

#include "event/check_json.hpp"
#include "exchange.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sshpermd {

struct Document {
    unsigned status = 200;
    std::string type; ///< application/json, application/problem+json, or text/plain
    std::string body;
};

/// Nothing for what is only a part of one: it goes to the others in `so_far`.
std::optional<Document> document_of(const Answer& answer, CheckText& so_far);

Document document_of(const Problem& problem);

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
