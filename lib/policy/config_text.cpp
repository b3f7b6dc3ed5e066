#include "policy/config.hpp"

#include "policy/json_text.hpp"

namespace sshpermd {
namespace {

Json accept_of(const Rule& rule) {
    auto accept = Json::array();
    for (const auto mode : rule.accept)
        accept.push_back(to_string(mode));
    if (rule.accept_sshd)
        accept.push_back("sshd");
    return accept;
}

Json json_of(const Rule& rule) {
    return {{"mode", to_string(rule.mode)}, {"accept", accept_of(rule)}};
}

Json json_of_override(const Rule& rule) {
    auto json = json_of(rule);
    json["ignore"] = rule.ignore;
    return json;
}

Json json_of(const Override& entry) {
    Json json{{"users", entry.users}, {"ignore", entry.policy.ignore}};
    for (const auto target : targets_of_accounts)
        json[std::string{word(target)}] = json_of_override(entry.policy.rule(target));
    return json;
}

std::string text_of(std::chrono::milliseconds duration) {
    if (duration.count() % 1000 != 0)
        return std::to_string(duration.count()) + "ms";
    return std::to_string(duration.count() / 1000) + "s";
}

const char* word(OnExposed choice) {
    switch (choice) {
    case OnExposed::first: return "first";
    case OnExposed::repair: return "repair";
    case OnExposed::withhold: return "withhold";
    }
    return "";
}

} // namespace

std::string to_text(const Config& config) {
    auto home_root = json_of(config.home_root);
    home_root["owner"] = "root";
    home_root["group"] = config.home_root_group;

    Json policy{{"home_root", home_root}};
    for (const auto target : targets_of_accounts)
        policy[std::string{word(target)}] = json_of(config.policy.rule(target));

    auto overrides = Json::array();
    for (const auto& entry : config.overrides)
        overrides.push_back(json_of(entry));

    auto files = Json::array();
    for (const auto& name : config.key_files)
        files.push_back(".ssh/" + name);

    const Json json{
        {"mode", word(config.operation)},
        {"home_roots", config.home_roots},
        {"users",
         {{"include", config.users.include},
          {"exclude", config.users.exclude},
          {"min_uid", or_null(config.users.min_uid)},
          {"root", config.users.root}}},
        {"policy", policy},
        {"overrides", overrides},
        {"authorized_keys_files", files},
        {"private_keys", config.private_keys},
        {"client_config", config.client_config},
        {"on_exposed", word(config.on_exposed)},
        {"rescan_interval", text_of(config.rescan_interval)},
        {"poll_interval", text_of(config.poll_interval)},
        {"flap",
         {{"burst", config.flap.burst},
          {"window", text_of(config.flap.window)},
          {"max_delay", text_of(config.flap.max_delay)}}},
        {"socket", {{"path", config.socket.path}, {"group", config.socket.group}}},
        {"log_level", config.log_level},
    };
    return indented(json);
}

} // namespace sshpermd
