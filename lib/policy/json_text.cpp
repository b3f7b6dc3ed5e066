#include "policy/json_text.hpp"

namespace sshpermd {

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string one_line(const Json& json) {
    return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string indented(const Json& json) {
    return json.dump(2, ' ', true, Json::error_handler_t::replace);
}

} // namespace sshpermd
