// Mode, owner and group in the documents of status, checks and undos.
#pragma once

#include "event/event.hpp"

#include <nlohmann/json.hpp>

namespace sshpermd {

/// A name that nobody has is null. (An event leaves it out.)
nlohmann::ordered_json json_of(const Id& id);
nlohmann::ordered_json json_of(const Attributes& attributes);

/// Throws nlohmann::json::exception and std::invalid_argument for anything else; takes an event's,
/// too.
Attributes attributes_from(const nlohmann::ordered_json& json);

} // namespace sshpermd
