#include "policy/suggestion.hpp"

#include "policy/json_text.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

/// What an override has to say of a rule.
Json difference(const Rule& rule, const Rule& general) {
    auto json = Json::object();
    if (rule.mode != general.mode)
        json["mode"] = to_string(rule.mode);
    if (rule.accept != general.accept || rule.accept_sshd != general.accept_sshd) {
        auto accept = Json::array();
        for (const auto mode : rule.accept)
            accept.push_back(to_string(mode));
        if (rule.accept_sshd)
            accept.push_back("sshd");
        json["accept"] = accept;
    }
    if (rule.ignore)
        json["ignore"] = true;
    return json;
}

std::string entry(const Config& config, const std::string& user, const AccountPolicy& policy) {
    Json json{{"users", {glob_of(user)}}};
    for (const auto target : targets_of_accounts)
        if (auto said = difference(policy.rule(target), config.policy.rule(target)); !said.empty())
            json[std::string{word(target)}] = std::move(said);
    return one_line(json);
}

} // namespace

std::string override_that_keeps(const Config& config, const std::string& user, Mode today,
                                HomeGroup group) {
    auto policy = config.policy_for(user);
    if (today.has(0022))
        policy.home.mode = (today & Mode{0755}) | Mode{0500};
    else if (group == HomeGroup::another)
        policy.home.ignore = true;
    else
        policy.home.accept.push_back(today);
    return entry(config, user, policy);
}

std::string override_that_ignores_home(const Config& config, const std::string& user) {
    return override_that_ignores(config, user, Target::home);
}

std::string override_that_ignores(const Config& config, const std::string& user, Target target) {
    auto policy = config.policy_for(user);
    policy.rule(target).ignore = true;
    return entry(config, user, policy);
}

std::string override_that_accepts(const Config& config, const std::string& user, Target target,
                                  Mode today) {
    auto policy = config.policy_for(user);
    policy.rule(target).accept.push_back(today);
    return entry(config, user, policy);
}

std::string override_that_accepts_what_sshd_does(const Config& config, const std::string& user,
                                                 Target target) {
    auto policy = config.policy_for(user);
    policy.rule(target).accept_sshd = true;
    return entry(config, user, policy);
}

std::string glob_of(const std::string& name) {
    std::string glob;
    for (const char c : name) {
        if (std::string_view{"*?[\\"}.find(c) != std::string_view::npos)
            glob += '\\';
        glob += c;
    }
    return glob;
}

} // namespace sshpermd
