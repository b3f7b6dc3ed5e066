#include "event/attributes_json.hpp"
#include "event/event_json.hpp"
#include "event/status.hpp"
#include "policy/json_text.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

Json json_of(const Degradation& one) {
    return {{"reason", word(one.trouble)},
            {"severity", word(one.severity)},
            {"path", text_or_null(one.path)},
            {"message", one.message},
            {"since", to_rfc3339(one.since)}};
}

Json json_of(const MadeRepair& repair) {
    return {{"time", to_rfc3339(repair.time)},  {"user", or_null(repair.user)},
            {"target", word(repair.target)},    {"path", repair.path},
            {"before", json_of(repair.before)}, {"after", json_of(repair.after)}};
}

Json json_of(const MadeFight& fight) {
    auto json = json_of(fight.repair);
    json["count"] = fight.count;
    json["kept_by"] = fight.kept_by.empty() ? Json(nullptr) : Json::parse(fight.kept_by);
    json["message"] = fight.message;
    return json;
}

Json json_of(const UserCounts& counts) {
    auto json = Json::object();
    for (std::size_t state = 0; state < counts.size(); ++state)
        json[std::string{word(static_cast<UserState>(state))}] = counts.at(state);
    return json;
}

Json json_of(const WatchCounts& watches) {
    return {{"used", watches.used},
            {"limit", watches.limit},
            {"allowed", watches.allowed},
            {"need", watches.need},
            {"rebuilt", watches.rebuilt}};
}

Json json_of(const std::optional<Pause>& pause) {
    if (!pause)
        return nullptr;
    return {{"until", to_rfc3339(pause->until)}, {"reason", pause->reason}};
}

Json json_of(const std::optional<FullLookTimes>& look) {
    if (!look)
        return nullptr;
    return {{"time", to_rfc3339(look->done)}, {"duration_us", look->took.count()}};
}

template <typename T>
Json list_of(const std::vector<T>& values) {
    auto json = Json::array();
    for (const auto& value : values)
        json.push_back(json_of(value));
    return json;
}

} // namespace

bool is_ok(const std::vector<Degradation>& degraded) {
    return std::none_of(degraded.begin(), degraded.end(),
                        [](const Degradation& one) { return one.is_grave(); });
}

std::string to_json(const Status& status) {
    const Json json{
        {"schema", "sshpermd.status/1"},
        {"as_of", to_rfc3339(status.as_of)},
        {"version", status.version},
        {"mode", status.mode},
        {"since", to_rfc3339(status.since)},
        {"ready", status.ready},
        {"ok", is_ok(status.degraded)},
        {"paused", json_of(status.pause)},
        {"degraded", list_of(status.degraded)},
        {"accounts", status.accounts},
        {"users", json_of(status.users)},
        {"repairs", status.repairs},
        {"left", status.left},
        {"missed_by_events", status.missed_by_events},
        {"events_dropped", status.events_dropped},
        {"watches", json_of(status.watches)},
        {"last_look", json_of(status.last_look)},
        {"last_repairs", list_of(status.last_repairs)},
        {"last_fight", status.last_fight ? json_of(*status.last_fight) : Json(nullptr)},
        {"config", {{"fallback", status.config_is_fallback}, {"files", status.config_files}}}};
    return one_line(json);
}

} // namespace sshpermd
