#include "status_text.hpp"

#include "event/text.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string_view>

namespace sshpermd {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t width = 80;
constexpr std::size_t label_width = 12;

std::string text_of(const Json& value) {
    return value.is_string() ? printable(value.get<std::string>()) : value.dump();
}

/// "label       text", the text in lines that begin under each other.
void print_line(std::ostream& out, std::string_view label, std::string text) {
    std::string head{label};
    head.resize(label_width, ' ');
    constexpr auto room = width - label_width;
    while (text.size() > room) {
        auto end = text.rfind(' ', room);
        if (end == std::string::npos || end == 0)
            end = text.find(' ', room); // a word longer than a line
        if (end == std::string::npos)
            break;
        out << head << text.substr(0, end) << '\n';
        text.erase(0, end + 1);
        head.assign(label_width, ' ');
    }
    out << head << text << '\n';
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

/// Nothing when there was none, or the daemon is of a version that does not tell.
void print_fight(std::ostream& out, const Json& status) {
    const auto fight = status.find("last_fight");
    if (fight == status.end() || fight->is_null())
        return;
    print_line(out, "last fight",
               moment(fight->at("time")) + " " + text_of(fight->at("path")) + ": " +
                   text_of(fight->at("message")));
    if (const auto& kept_by = fight->at("kept_by"); !kept_by.is_null())
        print_line(out, "", "kept_by " + kept_by.dump(-1, ' ', true));
}

void print(std::ostream& out, const Json& status) {
    print_line(out, "sshpermd",
               text_of(status.at("version")) + ", mode " + text_of(status.at("mode")) + ", since " +
                   moment(status.at("since")));
    print_line(out, "health", health_line(status));
    for (const auto& one : status.at("degraded"))
        print_line(out, "", text_of(one.at("reason")) + ": " + text_of(one.at("message")));
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
    if (!status.at("last_repairs").empty())
        out << "last repairs\n";
    for (const auto& repair : status.at("last_repairs"))
        out << "  " << moment(repair.at("time")) << "  " << text_of(repair.at("path")) << "\n    "
            << spell(repair.at("before")) << " -> " << spell(repair.at("after")) << '\n';
}

} // namespace

bool print_status(std::ostream& out, const std::string& document) {
    const auto status = Json::parse(document, nullptr, false);
    if (!status.is_object() || status.value("schema", "") != "sshpermd.status/1")
        return false;
    try {
        print(out, status);
    } catch (const Json::exception&) {
        return false;
    }
    return true;
}

} // namespace sshpermd
