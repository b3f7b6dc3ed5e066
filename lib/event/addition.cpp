#include "event/addition.hpp"

#include "keys/fingerprint.hpp"
#include "policy/json_text.hpp"

#include <array>

namespace sshpermd {
namespace {

constexpr std::array addition_results{AdditionResult::added, AdditionResult::present,
                                      AdditionResult::would_add, AdditionResult::refused,
                                      AdditionResult::failed};

std::string text_at(const Json& json, const char* key) {
    const auto& member = json.at(key);
    return member.is_null() ? std::string{} : member.get<std::string>();
}

Json json_of(const KeyRef& key) {
    return {{"fingerprint", key.fingerprint},
            {"type", key.type},
            {"bits", key.bits},
            {"options", text_or_null(key.options)},
            {"comment", key.comment}};
}

KeyRef key_from(const Json& json) {
    return {json.at("fingerprint").get<std::string>(), json.at("type").get<std::string>(),
            json.at("bits").get<unsigned>(), text_at(json, "options"),
            json.at("comment").get<std::string>()};
}

Addition addition_from(const Json& json) {
    Addition addition;
    addition.user = json.at("user").get<std::string>();
    addition.path = text_at(json, "path");
    if (!json.at("key").is_null())
        addition.key = key_from(json.at("key"));
    const auto given = json.at("result").get<std::string>();
    for (const auto result : addition_results)
        if (word(result) == given)
            addition.result = result;
    addition.reason = text_at(json, "reason");
    addition.why = text_at(json, "why");
    addition.fix = text_at(json, "fix");
    addition.created = json.at("created").get<std::vector<std::string>>();
    if (const auto& error = json.at("error"); !error.is_null())
        addition.error =
            EventError{error.at("code").get<std::string>(), error.at("message").get<std::string>()};
    return addition;
}

} // namespace

std::string_view word(AdditionResult result) {
    switch (result) {
    case AdditionResult::added: return "added";
    case AdditionResult::present: return "present";
    case AdditionResult::would_add: return "would_add";
    case AdditionResult::refused: return "refused";
    case AdditionResult::failed: return "failed";
    }
    return "";
}

KeyRef key_ref(const NewKey& key) {
    return {sha256_fingerprint(key.key.blob), key.key.type, key.key.bits, key.options, key.comment};
}

std::string to_json(const Addition& addition) {
    Json json{{"schema", "sshpermd.addition/1"},     {"user", addition.user},
              {"path", text_or_null(addition.path)}, {"key", nullptr},
              {"result", word(addition.result)},     {"reason", text_or_null(addition.reason)},
              {"why", text_or_null(addition.why)},   {"fix", text_or_null(addition.fix)},
              {"created", addition.created},         {"error", nullptr}};
    if (addition.key)
        json["key"] = json_of(*addition.key);
    if (addition.error)
        json["error"] = {{"code", addition.error->code}, {"message", addition.error->message}};
    return one_line(json);
}

std::optional<Addition> parse_addition(std::string_view text) {
    try {
        const auto json = Json::parse(text);
        if (json.at("schema") != "sshpermd.addition/1")
            return std::nullopt;
        return addition_from(json);
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

Event event_of(const Addition& addition, const Report& made, Trigger trigger) {
    Event event;
    event.type = EventType::key_added;
    event.severity = Severity::notice;
    event.outcome = Outcome::reported;
    event.trigger = trigger;
    event.user = UserRef{addition.user, std::nullopt};
    if (made.account != nullptr)
        event.user->id = made.account->uid;
    event.target = Target::authorized_keys;
    event.file = FileRef{addition.path, FileType::file, std::nullopt, std::nullopt};
    event.key = addition.key;
    event.message = "a key was added: " + addition.key->fingerprint +
                    (addition.key->comment.empty() ? "" : " " + addition.key->comment);
    event.slot = made.slot;
    return event;
}

} // namespace sshpermd
