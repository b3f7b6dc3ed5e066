#include "sshd/step.hpp"

#include "policy/json_text.hpp"

#include <utility>

namespace sshpermd {
namespace {

Json json_of(const std::optional<Attributes>& attributes) {
    if (!attributes)
        return nullptr;
    return {{"mode", to_string(attributes->mode)},
            {"owner", attributes->owner.id},
            {"group", attributes->group.id}};
}

} // namespace

std::string_view word(SshdResult result) {
    switch (result) {
    case SshdResult::ok: return "ok";
    case SshdResult::note: return "note";
    case SshdResult::would_repair: return "would_repair";
    case SshdResult::repaired: return "repaired";
    case SshdResult::left: return "left";
    case SshdResult::failed: return "failed";
    }
    return "";
}

SshdStep step_of(std::string check, SshdResult result, std::string path, std::string summary,
                 std::string fix, std::string cause) {
    SshdStep step;
    step.check = std::move(check);
    step.result = result;
    step.path = std::move(path);
    step.summary = std::move(summary);
    step.fix = std::move(fix);
    step.cause = std::move(cause);
    return step;
}

Event event_of(const SshdStep& step) {
    Event event;
    event.type = EventType::sshd_repaired;
    event.severity = Severity::notice;
    event.outcome = Outcome::repaired;
    event.trigger = Trigger::command;
    event.message = "of sshd itself: " + step.summary;
    if (!step.path.empty())
        event.file = FileRef{step.path, std::nullopt, std::nullopt, std::nullopt};
    event.before = step.before;
    event.after = step.after;
    return event;
}

std::string to_json(const std::vector<SshdStep>& steps, bool dry_run) {
    Json json{{"schema", "sshpermd.sshd/1"}, {"dry_run", dry_run}, {"steps", Json::array()}};
    for (const auto& step : steps)
        json["steps"].push_back({{"check", step.check},
                                 {"result", word(step.result)},
                                 {"path", text_or_null(step.path)},
                                 {"summary", step.summary},
                                 {"cause", text_or_null(step.cause)},
                                 {"fix", text_or_null(step.fix)},
                                 {"before", json_of(step.before)},
                                 {"after", json_of(step.after)},
                                 {"backup", text_or_null(step.backup)},
                                 {"diff", text_or_null(step.diff)}});
    return one_line(json);
}

} // namespace sshpermd
