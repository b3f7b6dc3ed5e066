#include "event/attributes_json.hpp"

#include "policy/json_text.hpp"

#include <stdexcept>

namespace sshpermd {
namespace {

Id id_from(const Json& json) {
    Id id{json.at("id").get<std::uint32_t>(), std::nullopt};
    if (const auto name = json.find("name"); name != json.end() && !name->is_null())
        id.name = name->get<std::string>();
    return id;
}

} // namespace

Json json_of(const Id& id) { return {{"id", id.id}, {"name", or_null(id.name)}}; }

Json json_of(const Attributes& attributes) {
    return {{"mode", to_string(attributes.mode)},
            {"owner", json_of(attributes.owner)},
            {"group", json_of(attributes.group)}};
}

Attributes attributes_from(const Json& json) {
    const auto mode = parse_mode(json.at("mode").get_ref<const std::string&>());
    if (!mode)
        throw std::invalid_argument("not a mode");
    return {*mode, id_from(json.at("owner")), id_from(json.at("group"))};
}

} // namespace sshpermd
