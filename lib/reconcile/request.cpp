#include "reconcile/request.hpp"

#include "event/text.hpp"
#include "keys/base64.hpp"
#include "keys/fingerprint.hpp"
#include "policy/config_json.hpp"
#include "policy/fields.hpp"
#include "policy/json_text.hpp"
#include "reconcile/request_json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sshpermd {
namespace {

constexpr std::size_t longest_name = 255;

bool is_user_name(const std::string& name) {
    return !name.empty() && name.size() <= longest_name && name.find('\0') == std::string::npos;
}

std::vector<std::string> read_users(const Json& request) {
    const auto member = request.find("users");
    if (member == request.end())
        return {};
    const std::string expected = "\"users\" is a list of account names such as [\"alice\"]";
    if (!member->is_array())
        fail_request(expected);
    std::vector<std::string> users;
    for (const auto& user : *member) {
        if (!user.is_string())
            fail_request(expected);
        auto name = user.get<std::string>();
        if (!is_user_name(name))
            fail_request("an account's name has 1 to 255 bytes, none of them NUL");
        if (std::find(users.begin(), users.end(), name) == users.end())
            users.push_back(std::move(name));
    }
    return users;
}

/// One that is needed, and a text.
std::string read_text(const Json& request, const char* key, const char* meaning) {
    const auto member = request.find(key);
    if (member == request.end() || !member->is_string() ||
        member->get_ref<const std::string&>().empty())
        fail_request("\"" + std::string{key} + "\" is " + meaning);
    return member->get<std::string>();
}

} // namespace

void fail_request(const std::string& problem) { throw RequestError("the request: " + problem); }

Json parse_request(std::string_view text, std::initializer_list<std::string_view> known) {
    if (text.empty())
        return Json::object();
    if (text.size() > max_request)
        fail_request("longer than " + std::to_string(max_request) + " bytes");
    auto json = Json();
    try {
        json = parse_json(text, "the request").root;
    } catch (const ConfigError& error) {
        throw RequestError(error.what());
    }
    if (!json.is_object())
        fail_request("expected an object such as {\"users\":[\"alice\"]}");
    for (const auto& [key, value] : json.items())
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            std::string allowed;
            for (const auto word : known)
                allowed += (allowed.empty() ? "\"" : ", \"") + std::string{word} + "\"";
            fail_request("unknown key \"" + printable(key.substr(0, 40)) + "\"; there are " +
                         (allowed.empty() ? "none" : allowed));
        }
    return json;
}

RepairRequest parse_repair_request(std::string_view text) {
    const auto json = parse_request(text, {"users", "take_ownership", "trust_content"});
    RepairRequest request;
    request.users = read_users(json);
    if (const auto member = json.find("take_ownership"); member != json.end()) {
        if (!member->is_boolean())
            fail_request("\"take_ownership\" is true or false");
        request.take_ownership = member->get<bool>();
    }
    if (const auto member = json.find("trust_content");
        member != json.end() && !member->is_null()) {
        if (!member->is_string() || !is_content_hash(member->get_ref<const std::string&>()))
            fail_request("\"trust_content\" is a hash as repair.withheld names it: \"SHA256:...\"");
        request.trust_content = member->get<std::string>();
    }
    if (request.take_ownership && request.users.empty())
        fail_request("\"take_ownership\" needs \"users\": nobody vouches for everybody's files");
    if (request.trust_content && request.users.size() != 1)
        fail_request(
            "\"trust_content\" needs exactly one name in \"users\": the hash is of one file");
    return request;
}

ForgetRequest parse_forget_request(std::string_view text) {
    return {read_users(parse_request(text, {"users"}))};
}

CheckRequest parse_check_request(std::string_view text) {
    return {read_users(parse_request(text, {"users"}))};
}

PauseRequest parse_pause_request(std::string_view text) {
    const auto json = parse_request(text, {"for", "reason"});
    PauseRequest request;
    const auto length = json.find("for");
    const auto duration = length != json.end() && length->is_string()
                              ? duration_of(length->get_ref<const std::string&>())
                              : std::nullopt;
    if (!duration || *duration < PauseRequest::shortest || *duration > PauseRequest::longest)
        fail_request(
            "\"for\" is a duration such as \"30m\" (s, m or h), of at most 24h: a pause ends by "
            "itself");
    request.length = *duration;
    const auto reason = json.find("reason");
    if (reason != json.end() && reason->is_string())
        request.reason = reason->get<std::string>();
    if (request.reason.empty() || request.reason.size() > PauseRequest::longest_reason)
        fail_request("\"reason\" says in 1 to 200 bytes why: it is told to everybody who asks");
    return request;
}

AddKeyRequest parse_add_key_request(std::string_view text) {
    const auto json = parse_request(text, {"user", "file", "key"});
    AddKeyRequest request{
        read_text(json, "user", "the name of an account"),
        read_text(json, "file", "the name of a key file in .ssh, such as \"authorized_keys\""),
        read_text(json, "key", "a line for it, such as \"ssh-ed25519 AAAA... alice\"")};
    if (!is_user_name(request.user))
        fail_request("an account's name has 1 to 255 bytes, none of them NUL");
    return request;
}

void require_empty(std::string_view text) { parse_request(text, {}); }

std::string to_json(const RepairRequest& request) {
    Json json{{"users", request.users}, {"take_ownership", request.take_ownership}};
    if (request.trust_content)
        json["trust_content"] = *request.trust_content;
    return one_line(json);
}

std::string to_json(const ForgetRequest& request) { return one_line({{"users", request.users}}); }

std::string to_json(const CheckRequest& request) { return one_line({{"users", request.users}}); }

std::string to_json(const PauseRequest& request) {
    return one_line(
        {{"for", std::to_string(request.length.count()) + "ms"}, {"reason", request.reason}});
}

std::string to_json(const AddKeyRequest& request) {
    return one_line({{"user", request.user}, {"file", request.file}, {"key", request.key}});
}

bool is_content_hash(std::string_view text) {
    constexpr std::string_view prefix = "SHA256:";
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    constexpr std::string_view base16 = "0123456789abcdefABCDEF";
    return (text.size() == 43 && std::all_of(text.begin(), text.end(), is_base64_digit)) ||
           (text.size() == 64 && text.find_first_not_of(base16) == std::string_view::npos);
}

Word word_of(const RepairRequest& request) {
    Word word{request.take_ownership, request.trust_content};
    constexpr std::size_t prefix = 7;
    constexpr std::size_t base16_digits = 64;
    if (!word.trust_content || word.trust_content->size() != prefix + base16_digits)
        return word;
    std::string bytes;
    for (std::size_t i = prefix; i < word.trust_content->size(); i += 2) {
        unsigned byte = 0;
        const auto* const digits = word.trust_content->data() + i;
        std::from_chars(digits, digits + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    word.trust_content = digest_text(bytes);
    return word;
}

void forget_in(Memory& memory, const ForgetRequest& request) {
    if (request.users.empty())
        return memory.forget_all();
    for (const auto& user : request.users)
        memory.forget(user);
}

std::string why_unknown(const std::string& user, const Accounts& accounts, const Config& config,
                        uid_t uid_min) {
    const auto name = printable(user);
    const auto* const account = accounts.by_name(user);
    if (account == nullptr)
        return "there is no account called " + name + " on this machine";
    if (!config.includes(user))
        return name + " is left alone by the configuration (users or overrides)";
    const auto lowest = config.users.min_uid.value_or(uid_min);
    if (account->uid < lowest)
        return name + " is not looked after: uid " + std::to_string(account->uid) + " is below " +
               std::to_string(lowest) +
               (account->uid == 0 ? " (set users.root to include root)" : " (users.min_uid)");
    return name + " is not looked after: the home " + printable(account->home) +
           " is not directly below a home root (home_roots)";
}

} // namespace sshpermd
