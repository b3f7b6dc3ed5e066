#include "reconcile/request.hpp"

#include "policy/json_text.hpp"
#include "reconcile/request_json.hpp"

#include <algorithm>

// The request to take a repair back.

namespace sshpermd {
namespace {

std::string text_of(const Json& request, const char* key) {
    const auto member = request.find(key);
    if (member == request.end() || !member->is_string() ||
        member->get_ref<const std::string&>().empty())
        fail_request("\"" + std::string{key} + "\" is a text, as sshpermctl undo sends it");
    return member->get<std::string>();
}

Json json_of(const Expected& state) {
    return {{"mode", to_string(state.mode)}, {"owner", state.owner}, {"group", state.group}};
}

/// "owner" or "group".
std::uint32_t id_of(const Json& state, const char* key) {
    constexpr std::uint64_t largest = 4'294'967'294; // -1 means "leave it" to chown(2)
    const auto member = state.find(key);
    if (member == state.end() || !member->is_number_unsigned() ||
        member->get<std::uint64_t>() > largest)
        fail_request("\"" + std::string{key} + "\" is a number from 0 to 4294967294");
    return member->get<std::uint32_t>();
}

Expected given_state(const Json& request, const char* key) {
    const auto member = request.find(key);
    const auto mode = member != request.end() && member->is_object() && member->size() == 3 &&
                              member->value("mode", Json{}).is_string()
                          ? parse_mode(member->at("mode").get<std::string>())
                          : std::nullopt;
    if (!mode)
        fail_request("\"" + std::string{key} +
                     "\" is a state such as {\"mode\":\"0755\",\"owner\":1001,\"group\":1001}");
    return {*mode, id_of(*member, "owner"), id_of(*member, "group")};
}

Target target_of(const Json& request) {
    const auto given = text_of(request, "target");
    const auto* const found = std::find_if(all_targets.begin(), all_targets.end(),
                                           [&](Target target) { return word(target) == given; });
    if (found == all_targets.end())
        fail_request("\"target\" is the word for a target, such as \"ssh_dir\"");
    return *found;
}

} // namespace

UndoRequest parse_undo_request(std::string_view text) {
    const auto json =
        parse_request(text, {"event", "user", "target", "path", "handle", "before", "after"});
    UndoRequest request;
    request.event = text_of(json, "event");
    request.target = target_of(json);
    request.path = text_of(json, "path");
    request.handle = text_of(json, "handle");
    request.before = given_state(json, "before");
    request.after = given_state(json, "after");
    const auto user = json.find("user");
    const bool is_nobodys = user == json.end() || user->is_null();
    if (is_nobodys != (request.target == Target::home_root))
        fail_request("\"user\" is the account's name, and null for a home root");
    if (!is_nobodys)
        request.user = text_of(json, "user");
    return request;
}

std::string to_json(const UndoRequest& request) {
    const Json json{{"event", request.event},         {"user", text_or_null(request.user)},
                    {"target", word(request.target)}, {"path", request.path},
                    {"handle", request.handle},       {"before", json_of(request.before)},
                    {"after", json_of(request.after)}};
    return one_line(json);
}

} // namespace sshpermd
