#include "socket/server_json.hpp"

#include "event/event_json.hpp"
#include "event/metrics.hpp"
#include "policy/fields.hpp"
#include "policy/json_text.hpp"

#include <memory>
#include <utility>

namespace sshpermd {
namespace {

constexpr const char* json_type = "application/json";

Document json_document(const Json& json) { return {200, json_type, one_line(json)}; }

struct Writer {
    CheckText& so_far;

    Document operator()(const Check& check) const {
        return {200, json_type, std::move(so_far).end(check)};
    }
    std::optional<Document> operator()(const MoreFindings& more) const {
        for (const auto& finding : more.findings)
            so_far.add(finding);
        return std::nullopt;
    }
    Document operator()(const Step& step) const {
        return json_document({{"schema", "sshpermd.progress/1"},
                              {"looked_at", step.looked_at},
                              {"of", step.of},
                              {"repaired", step.repaired}});
    }
    Document operator()(const Addition& addition) const {
        return {200, json_type, to_json(addition)};
    }
    Document operator()(const Undo& undo) const { return {200, json_type, to_json(undo)}; }
    Document operator()(const Health& health) const {
        return json_document({{"schema", "sshpermd.health/1"},
                              {"ok", health.ok},
                              {"ready", health.ready},
                              {"mode", health.mode},
                              {"status", health.status}});
    }
    Document operator()(const std::shared_ptr<const Snapshot>& snapshot) const {
        return status_document(*snapshot);
    }
    Document operator()(const UserDetails& user) const { return {200, json_type, to_json(user)}; }
    Document operator()(const Pause& pause) const {
        return json_document({{"schema", "sshpermd.pause/1"},
                              {"until", to_rfc3339(pause.until)},
                              {"reason", pause.reason}});
    }
    Document operator()(const Done& /*done*/) const { return json_document(Json::object()); }
    Document operator()(const Problem& problem) const { return document_of(problem); }
};

} // namespace

std::string_view title_of(unsigned status) {
    switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 422: return "Unprocessable Content";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Internal Server Error";
    }
}

std::optional<Document> document_of(const Answer& answer, CheckText& so_far) {
    return std::visit(
        [&](const auto& one) -> std::optional<Document> { return Writer{so_far}(one); }, answer);
}

Document document_of(const Problem& problem) {
    auto document = json_document({{"type", "about:blank"},
                                   {"title", title_of(problem.status)},
                                   {"status", problem.status},
                                   {"detail", problem.detail}});
    document.status = problem.status;
    document.type = "application/problem+json";
    return document;
}

Document version_document(const std::string& version) {
    return json_document({{"name", "sshpermd"}, {"version", version}});
}

Document status_document(const Snapshot& snapshot) {
    return {200, json_type, to_json(snapshot.status)};
}

Document users_document(const Snapshot& snapshot, const UserQuery& query) {
    return {200, json_type, to_json(snapshot.users, query)};
}

Document config_document(const Snapshot& snapshot) {
    const auto& status = snapshot.status;
    return json_document({{"schema", "sshpermd.config/1"},
                          {"fallback", status.config_is_fallback},
                          {"files", status.config_files},
                          {"config", Json::parse(*snapshot.config, nullptr, true, true)}});
}

Document metrics_document(const Snapshot& snapshot) {
    return {200, "text/plain; version=0.0.4; charset=utf-8",
            to_metrics(snapshot.status, snapshot.tally)};
}

Document events_document(std::string_view lines, bool is_all) {
    constexpr std::string_view before_id = "{\"schema\":\"sshpermd.event/1\",\"id\":\"";
    std::string body = "{\"schema\":\"sshpermd.events/1\",\"events\":[";
    std::string last = "null";
    for (bool is_first = true; !lines.empty(); is_first = false) {
        const auto line = take_field(lines, "\n");
        body.append(is_first ? "" : ",").append(line);
        const auto id = line.substr(before_id.size());
        last = "\"" + std::string{id.substr(0, id.find('"'))} + "\"";
    }
    body += "],\"last\":" + last + ",\"more\":" + (is_all ? "false" : "true") + "}";
    return {200, json_type, std::move(body)};
}

} // namespace sshpermd
