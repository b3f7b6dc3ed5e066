#include "event/undo.hpp"

#include "event/attributes_json.hpp"
#include "policy/json_text.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace sshpermd {
namespace {

constexpr std::array undo_results{UndoResult::undone, UndoResult::would_undo, UndoResult::refused,
                                  UndoResult::failed};

std::string optional_text(const Json& json, const char* key) {
    const auto member = json.find(key);
    return member == json.end() || member->is_null() ? std::string{} : member->get<std::string>();
}

std::optional<Target> target_of(std::string_view given) {
    const auto* const found = std::find_if(all_targets.begin(), all_targets.end(),
                                           [&](Target target) { return word(target) == given; });
    return found == all_targets.end() ? std::nullopt : std::optional{*found};
}

PastRepair repair_from(const Json& json) {
    PastRepair repair;
    repair.id = json.at("id").get<std::string>();
    repair.time = json.at("time").get<std::string>();
    const auto target = target_of(json.at("target").get<std::string>());
    if (!target)
        throw std::invalid_argument("no target");
    repair.target = *target;
    if (const auto user = json.find("user"); user != json.end()) {
        auto& ref = repair.user.emplace(UserRef{user->at("name").get<std::string>(), {}});
        if (const auto id = user->find("id"); id != user->end())
            ref.id = id->get<uid_t>();
    }
    const auto& file = json.at("file");
    repair.path = optional_text(file, "path");
    repair.handle = optional_text(file, "handle");
    if (const auto host = json.find("host"); host != json.end())
        repair.machine = optional_text(*host, "id");
    repair.before = attributes_from(json.at("before"));
    repair.after = attributes_from(json.at("after"));
    repair.exposed = json.value("exposed", false);
    repair.truncated = json.value("truncated", false);
    return repair;
}

Undo undo_from(const Json& json) {
    Undo undo;
    undo.event = optional_text(json, "event");
    undo.user = optional_text(json, "user");
    undo.target = target_of(optional_text(json, "target"));
    undo.path = optional_text(json, "path");
    if (const auto& before = json.at("before"); !before.is_null())
        undo.before = attributes_from(before);
    if (const auto& after = json.at("after"); !after.is_null())
        undo.after = attributes_from(after);
    undo.dropped = optional_text(json, "dropped");
    const auto given = json.at("result").get<std::string>();
    for (const auto result : undo_results)
        if (word(result) == given)
            undo.result = result;
    undo.reason = optional_text(json, "reason");
    undo.why = optional_text(json, "why");
    undo.fix = optional_text(json, "fix");
    undo.configured_in = optional_text(json, "configured_in");
    if (const auto& configured = json.at("configured"); !configured.is_null())
        undo.configured = one_line(configured);
    if (const auto& error = json.at("error"); !error.is_null())
        undo.error =
            EventError{error.at("code").get<std::string>(), error.at("message").get<std::string>()};
    return undo;
}

/// What the line says, if it is of such an event: most are not, and are not parsed.
Json json_of_line(std::string_view line, std::string_view event) {
    const auto member = "\"event\":\"" + std::string{event} + "\"";
    if (line.find(member) == std::string_view::npos)
        return nullptr;
    auto json = Json::parse(line, nullptr, false);
    return json.is_object() && json.value("event", Json{}) == event ? json : Json(nullptr);
}

} // namespace

std::optional<PastRepair> parse_past_repair(std::string_view line) {
    try {
        const auto json = json_of_line(line, word(EventType::permission_repaired));
        return json.is_null() ? std::nullopt : std::optional{repair_from(json)};
    } catch (const std::exception&) { // JSON, but no such event of ours
        return std::nullopt;
    }
}

std::optional<std::string> undone_by(std::string_view line) {
    try {
        const auto json = json_of_line(line, word(EventType::repair_undone));
        return json.is_null() ? std::nullopt : std::optional{json.at("undone").get<std::string>()};
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

std::string to_json(const std::vector<PastRepair>& repairs) {
    auto list = Json::array();
    for (const auto& repair : repairs)
        list.push_back({{"event", repair.id},
                        {"time", repair.time},
                        {"user", repair.user ? Json(repair.user->name) : Json(nullptr)},
                        {"target", word(repair.target)},
                        {"path", repair.path},
                        {"before", json_of(repair.before)},
                        {"after", json_of(repair.after)},
                        {"exposed", repair.exposed}});
    return one_line({{"schema", "sshpermd.repairs/1"}, {"repairs", std::move(list)}});
}

std::string_view word(UndoResult result) {
    switch (result) {
    case UndoResult::undone: return "undone";
    case UndoResult::would_undo: return "would_undo";
    case UndoResult::refused: return "refused";
    case UndoResult::failed: return "failed";
    }
    return "";
}

std::string to_json(const Undo& undo) {
    Json json{
        {"schema", "sshpermd.undo/1"},
        {"event", text_or_null(undo.event)},
        {"user", text_or_null(undo.user)},
        {"target", undo.target ? Json(word(*undo.target)) : Json(nullptr)},
        {"path", text_or_null(undo.path)},
        {"before", nullptr},
        {"after", nullptr},
        {"dropped", text_or_null(undo.dropped)},
        {"result", word(undo.result)},
        {"reason", text_or_null(undo.reason)},
        {"why", text_or_null(undo.why)},
        {"fix", text_or_null(undo.fix)},
        {"configured_in", text_or_null(undo.configured_in)},
        {"configured", undo.configured.empty() ? Json(nullptr) : Json::parse(undo.configured)},
        {"error", nullptr}};
    if (undo.before)
        json["before"] = json_of(*undo.before);
    if (undo.after)
        json["after"] = json_of(*undo.after);
    if (undo.error)
        json["error"] = {{"code", undo.error->code}, {"message", undo.error->message}};
    return one_line(json);
}

std::optional<Undo> parse_undo(std::string_view text) {
    try {
        const auto json = Json::parse(text);
        if (json.at("schema") != "sshpermd.undo/1")
            return std::nullopt;
        return undo_from(json);
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

Event event_of(const Undo& undo, const Report& made, Trigger trigger) {
    Event event;
    event.type = EventType::repair_undone;
    event.severity = Severity::notice;
    event.outcome = Outcome::reported;
    event.trigger = trigger;
    event.target = undo.target;
    if (made.account != nullptr)
        event.user = UserRef{made.account->name, made.account->uid};
    event.file = FileRef{undo.path, std::nullopt, std::nullopt, std::nullopt, made.handle};
    if (made.observed) {
        event.file->type = made.observed->type;
        event.file->inode = made.observed->inode;
        event.file->links = made.observed->links;
    }
    event.before = undo.before;
    event.after = undo.after;
    event.undone = undo.event;
    event.message = "a repair was undone: " + std::string{word(made.target)} + " was " +
                    spell(*undo.before) + " and is " + spell(*undo.after) + " again" +
                    (undo.dropped.empty() ? "" : ", without the bits " + undo.dropped);
    if (made.duration.count() > 0)
        event.duration = made.duration;
    event.slot = made.slot;
    return event;
}

} // namespace sshpermd
