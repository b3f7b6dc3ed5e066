// The program under test: a running sshpermd, and the events it writes.
#include "daemon.hpp"

#include "files.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <stdexcept>

namespace system_tests {

namespace {

constexpr std::size_t longest_line = 4000;

Json with_defaults(const Json& config) {
    Json merged = {{"mode", "repair"}, {"flap", {{"burst", 1000}}}};
    merged.merge_patch(config);
    return merged;
}

/// An event, checked for what every event promises to its readers.
Json parse(const std::string& line) {
    auto event = Json::parse(line, nullptr, false);
    const bool sound =
        event.is_object() && line.size() <= longest_line &&
        std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 0x7f; }) &&
        text_at(event, "/schema") == "sshpermd.event/1";
    if (!sound)
        throw std::runtime_error("not an event: " + line);
    for (const char* member : {"id", "seq", "time", "event", "severity", "outcome", "message"})
        if (!event.contains(member))
            throw std::runtime_error(std::string{"an event without "} + member + ": " + line);
    return event;
}

} // namespace

std::string sshpermd() { return environment("SSHPERMD_DAEMON"); }
std::string sshpermctl() { return environment("SSHPERMD_CTL"); }

std::string write_config(const Json& config) {
    static const std::string path = "/run/sshpermd-test.json";
    write_file(path, config.dump(2) + "\n", {0644, {0, 0}});
    return path;
}

Daemon::Daemon(const Json& config)
    : Daemon(Arguments{"--config", write_config(with_defaults(config)), "--log-target", "stderr"}) {
    const bool looked =
        eventually([&] { return !events("scan.completed").empty() || !process_.running(); });
    if (!looked || !process_.running())
        throw std::runtime_error("sshpermd does not get to its first full look:\n" + tail());
}

Daemon::Daemon(const Arguments& arguments)
    : process_{[&] {
          Arguments argv{sshpermd()};
          argv.insert(argv.end(), arguments.begin(), arguments.end());
          return argv;
      }()} {}

std::optional<int> Daemon::stop() {
    process_.signal(SIGTERM);
    return process_.wait();
}

const std::vector<Json>& Daemon::events() {
    const auto text = process_.err(read_);
    for (std::size_t begin = 0;;) {
        const auto end = text.find('\n', begin);
        if (end == std::string::npos)
            return events_;
        const auto line = text.substr(begin, end - begin);
        if (line.starts_with('{'))
            events_.push_back(parse(line));
        read_ += line.size() + 1;
        begin = end + 1;
    }
}

std::vector<Json> Daemon::events(std::string_view kind, std::string_view user) {
    std::vector<Json> chosen;
    const auto& all = events();
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&](const Json& event) {
        return text_at(event, "/event") == kind &&
               (user.empty() || text_at(event, "/user/name") == user);
    });
    return chosen;
}

bool Daemon::reports(std::string_view kind, std::string_view user) {
    return eventually([&] { return !events(kind, user).empty(); });
}

std::string Daemon::story(std::string_view user) {
    std::string lines;
    for (const auto& event : events()) {
        if (text_at(event, "/user/name") != user)
            continue;
        for (const char* member : {"/time", "/event", "/target", "/trigger", "/before/mode",
                                   "/after/mode", "/reasons/0", "/error/code"})
            lines += text_at(event, member) + " ";
        lines.back() = '\n';
    }
    return lines;
}

std::string Daemon::tail() const {
    constexpr std::size_t shown = 6000;
    auto text = process_.err();
    return text.size() > shown ? "[...]" + text.substr(text.size() - shown) : text;
}

std::string text_at(const Json& event, const char* pointer) {
    const Json::json_pointer at{pointer};
    return event.contains(at) && event.at(at).is_string() ? event.at(at).get<std::string>()
                                                          : std::string{};
}

} // namespace system_tests
