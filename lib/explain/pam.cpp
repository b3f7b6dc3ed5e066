#include "explain/pam.hpp"

#include "policy/fields.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sshpermd {
namespace {

constexpr int deepest = 8;        ///< of includes
constexpr int most_services = 64; ///< services, the same one counted as often as it is included

/// These refuse nobody who comes with a key: they let pass, count passwords that were wrong, or
/// concern users of other services.
constexpr std::array<std::string_view, 11> harmless{
    "pam_permit.so",   "pam_deny.so",         "pam_localuser.so", "pam_succeed_if.so",
    "pam_usertype.so", "pam_sepermit.so",     "pam_faillock.so",  "pam_tally2.so",
    "pam_sss.so",      "pam_systemd_home.so", "pam_warn.so"};

std::optional<std::string> read_service(const Sysroot& root, const std::string& name) {
    if (name.starts_with('/'))
        return root.read(name);
    for (const auto* const directory : {"/etc/pam.d/", "/usr/lib/pam.d/"})
        if (auto text = root.read(directory + name))
            return text;
    return std::nullopt;
}

std::string_view take_word(std::string_view& line) {
    line = trim(line, blanks);
    if (line.starts_with('[')) { // [success=ok default=bad]
        const auto end = std::min(line.find(']'), line.size() - 1);
        const auto word = line.substr(0, end + 1);
        line.remove_prefix(end + 1);
        return word;
    }
    return take_field(line, blanks);
}

void add_module(std::string_view path, PamRules& rules) {
    const auto name = path.substr(path.rfind('/') + 1);
    if (name == "pam_unix.so")
        rules.asks_unix = true;
    else if (name == "pam_nologin.so")
        rules.asks_nologin = true;
    else if (std::find(harmless.begin(), harmless.end(), name) == harmless.end())
        rules.others.emplace_back(name);
}

void read_rules(const Sysroot& root, const std::string& service, int depth, int& left,
                PamRules& rules) {
    const bool is_too_much = depth > deepest || left-- <= 0;
    const auto text = is_too_much ? std::nullopt : read_service(root, service);
    if (!text) {
        if (rules.others.empty() || rules.others.back() != service)
            rules.others.push_back(service);
        return;
    }
    std::string_view rest = *text;
    while (!rest.empty()) {
        auto line = take_field(rest, "\n");
        line = trim(line.substr(0, line.find('#')), " \t\r");
        auto kind = take_word(line);
        if (kind == "@include") {
            read_rules(root, std::string{take_word(line)}, depth + 1, left, rules);
            continue;
        }
        if (kind.starts_with('-'))
            kind.remove_prefix(1);
        if (kind != "account")
            continue;
        const auto control = take_word(line);
        const auto module = take_word(line);
        if (control == "include" || control == "substack")
            read_rules(root, std::string{module}, depth + 1, left, rules);
        else if (control != "optional")
            add_module(module, rules);
    }
}

} // namespace

PamRules account_rules_of_pam(const Sysroot& root, const SshdSettings& settings) {
    const auto& given = settings.value("pamservicename");
    const auto service = given.empty() ? std::string{"sshd"} : given;
    PamRules rules;
    rules.file = "/etc/pam.d/" + service;
    int left = most_services;
    read_rules(root, service, 0, left, rules);
    return rules;
}

} // namespace sshpermd
