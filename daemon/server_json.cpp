#include "server_json.hpp"

#include "event/check_json.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace sshpermd {
namespace {

using Json = nlohmann::ordered_json;

Document json_document(const Json& json) {
    return {200, "application/json", json.dump(-1, ' ', true, Json::error_handler_t::replace)};
}

std::string_view title_of(unsigned status) {
    switch (status) {
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Internal Server Error";
    }
}

struct Writer {
    Document operator()(const Check& check) const {
        return {200, "application/json", to_json(check)};
    }
    Document operator()(const Health& health) const {
        return json_document({{"schema", "sshpermd.health/1"},
                              {"ok", health.ok},
                              {"ready", health.ready},
                              {"mode", health.mode},
                              {"status", health.status}});
    }
    Document operator()(const Status& status) const {
        return {200, "application/json", to_json(status)};
    }
    Document operator()(const Forgotten& /*done*/) const { return json_document(Json::object()); }
    Document operator()(const Problem& problem) const {
        auto document = json_document({{"type", "about:blank"},
                                       {"title", title_of(problem.status)},
                                       {"status", problem.status},
                                       {"detail", problem.detail}});
        document.status = problem.status;
        document.type = "application/problem+json";
        return document;
    }
};

} // namespace

Document document_of(const Answer& answer) { return std::visit(Writer{}, answer); }

Document version_document(const std::string& version) {
    return json_document({{"name", "sshpermd"}, {"version", version}});
}

} // namespace sshpermd
