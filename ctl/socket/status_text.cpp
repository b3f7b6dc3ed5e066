#include "socket/status_text.hpp"

#include "event/text.hpp"
#include "policy/json_text.hpp"
#include "policy/suggestion.hpp"
#include "wrap.hpp"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <utility>

namespace sshpermd {
namespace {

constexpr std::size_t label_width = 12;

std::string text_of(const Json& value) {
    return value.is_string() ? printable(value.get<std::string>()) : value.dump();
}

/// "label       text", the text in lines that begin under each other.
void print_line(std::ostream& out, std::string_view label, const std::string& text) {
    out << wrapped(text, label_width, std::string{label});
}

/// "3 protected, 1 missing_keys"; states that nobody is in are left out.
std::string users_line(const Json& status) {
    std::string line;
    std::size_t known = 0;
    for (const auto& [state, count] : status.at("users").items()) {
        const auto many = count.get<std::size_t>();
        known += state == "ignored" ? 0 : many;
        if (many > 0)
            line += (line.empty() ? "" : ", ") + std::to_string(many) + " " + printable(state);
    }
    const auto all = status.at("accounts").get<std::size_t>();
    if (all > known)
        line += (line.empty() ? "" : ", ") + std::to_string(all - known) + " not looked at yet";
    return line.empty() ? "none" : line;
}

std::string spell(const Json& attributes) {
    const auto name = [](const Json& id) {
        return text_of(id.at("name").is_null() ? id.at("id") : id.at("name"));
    };
    return text_of(attributes.at("mode")) + " " + name(attributes.at("owner")) + ":" +
           name(attributes.at("group"));
}

/// "2026-11-21T09:00:00.123456Z" without the part of a second.
std::string moment(const Json& time) {
    auto text = text_of(time);
    const auto dot = text.find('.');
    return dot == std::string::npos ? text : text.substr(0, dot) + "Z";
}

std::string health_line(const Json& status) {
    std::string line = status.at("ok").get<bool>() ? "ok" : "degraded";
    if (!status.at("ready").get<bool>())
        line += ", first look under way";
    return line;
}

std::string config_line(const Json& config) {
    if (config.at("fallback").get<bool>())
        return "built-in, because the files cannot be used";
    std::string line;
    for (const auto& file : config.at("files"))
        line += (line.empty() ? "" : ", ") + text_of(file);
    return line.empty() ? "built-in defaults (there is no file)" : line;
}

std::string watches_line(const Json& watches) {
    return text_of(watches.at("used")) + " of " + text_of(watches.at("need")) + " needed, " +
           text_of(watches.at("limit")) + " is the limit" +
           (watches.at("rebuilt") == 0 ? ""
                                       : ", set anew " + text_of(watches.at("rebuilt")) + " times");
}

/// The answer to "am I protected?".
std::string protection_line(const Json& status) {
    if (!status.at("paused").is_null())
        return "no: repairs are paused until " + moment(status.at("paused").at("until")) + " (" +
               text_of(status.at("paused").at("reason")) + ")";
    if (status.at("mode") != word(Operation::repair))
        return "no: in mode observe drift is only reported";
    const auto& users = status.at("users");
    const auto open =
        users.at("refused").get<std::size_t>() + users.at("withheld").get<std::size_t>();
    if (open > 0)
        return "all but " + std::to_string(open) + " accounts";
    return status.at("ok").get<bool>() ? "yes" : "yes, but not as well as it could be";
}

/// What only a person can do.
void print_needs(std::ostream& out, const Json& status) {
    auto tell = [&, label = std::string_view{"needs you"}](const std::string& text) mutable {
        print_line(out, std::exchange(label, std::string_view{}), text);
    };
    if (!status.at("paused").is_null())
        tell("sshpermctl resume: as soon as repairs may be made again");
    for (const auto* const state : {"withheld", "refused", "flapping"})
        if (const auto count = status.at("users").at(state).get<std::size_t>(); count > 0)
            tell("sshpermctl users --state " + std::string{state} + ": " + std::to_string(count));
}

/// The override that keeps what was undone last, if one can.
std::string kept_by(const Json& repair, const Config& config) {
    const auto& before = repair.at("before");
    const auto& after = repair.at("after");
    const auto mode = parse_mode(before.at("mode").get<std::string>());
    if (!mode || repair.at("target") != word(Target::home) || !repair.at("user").is_string() ||
        before.at("mode") == after.at("mode") || before.at("owner") != after.at("owner"))
        return {};
    const auto group =
        before.at("group") == after.at("group") ? HomeGroup::its_own : HomeGroup::another;
    return override_that_keeps(config, repair.at("user").get<std::string>(), *mode, group);
}

void print_repairs(std::ostream& out, const Json& status, const std::optional<Config>& config) {
    constexpr std::size_t most = 5;
    const auto& repairs = status.at("last_repairs");
    if (repairs.empty())
        return;
    out << "last repairs\n";
    for (std::size_t i = 0; i < std::min(repairs.size(), most); ++i)
        out << "  " << moment(repairs[i].at("time")) << "  " << text_of(repairs[i].at("path"))
            << "\n    " << spell(repairs[i].at("before")) << " -> " << spell(repairs[i].at("after"))
            << '\n';
    if (const auto keeping = config ? kept_by(repairs[0], *config) : ""; !keeping.empty())
        out << "  to keep the last as it was, in \"overrides\":\n    " << printable(keeping)
            << '\n';
}

/// Nothing when there was none, or the daemon is of a version that does not tell.
void print_fight(std::ostream& out, const Json& status) {
    const auto fight = status.find("last_fight");
    if (fight == status.end() || fight->is_null())
        return;
    print_line(out, "last fight",
               moment(fight->at("time")) + " " + text_of(fight->at("path")) + ": " +
                   text_of(fight->at("message")));
    if (const auto& kept_by = fight->at("kept_by"); !kept_by.is_null())
        print_line(out, "", "kept_by " + one_line(kept_by));
}

void print(std::ostream& out, const Json& status, const std::optional<Config>& config) {
    print_line(out, "sshpermd",
               text_of(status.at("version")) + ", mode " + text_of(status.at("mode")) + ", since " +
                   moment(status.at("since")));
    print_line(out, "protected", protection_line(status));
    print_line(out, "health", health_line(status));
    for (const auto& one : status.at("degraded"))
        print_line(out, "", text_of(one.at("reason")) + ": " + text_of(one.at("message")));
    print_needs(out, status);
    print_line(out, "accounts", users_line(status));
    print_line(out, "repairs",
               text_of(status.at("repairs")) + ", " + text_of(status.at("left")) +
                   " targets left as they are, " + text_of(status.at("missed_by_events")) +
                   " drifts missed by events");
    print_line(out, "watches", watches_line(status.at("watches")));
    if (status.at("events_dropped") != 0)
        print_line(out, "events", text_of(status.at("events_dropped")) + " dropped");
    print_line(out, "config", config_line(status.at("config")));
    print_fight(out, status);
    print_repairs(out, status, config);
}

} // namespace

bool print_status(std::ostream& out, const std::string& document,
                  const std::optional<Config>& config) {
    const auto status = Json::parse(document, nullptr, false);
    if (!status.is_object() || status.value("schema", "") != "sshpermd.status/1")
        return false;
    try {
        print(out, status, config);
    } catch (const Json::exception&) {
        return false;
    }
    return true;
}

} // namespace sshpermd
