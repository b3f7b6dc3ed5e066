// Checks that wait.
#include "checks.hpp"

#include "catch.hpp"
#include "files.hpp"
#include "targets.hpp"

#include <algorithm>
#include <sstream>

namespace system_tests {

namespace {

void check(Daemon& daemon, const Account& account, bool (*holds)(const Account&)) {
    const bool held = eventually([&] { return holds(account); });
    INFO(describe(account));
    INFO(daemon.story(account.name));
    INFO((held ? std::string{} : daemon.tail()));
    CHECK(held);
}

} // namespace

Ended ctl(Arguments arguments, Identity as) {
    arguments.insert(arguments.begin(), sshpermctl());
    auto ended = run(arguments, as);
    UNSCOPED_INFO(ended.out << ended.err);
    return ended;
}

std::vector<Json> lines_of(const std::string& text) {
    std::vector<Json> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);)
        if (!in.eof()) // the last may not be all there yet
            lines.push_back(Json::parse(line));
    return lines;
}

void check_becomes_right(Daemon& daemon, const Account& account) {
    check(daemon, account, is_right);
}

void check_becomes_whole(Daemon& daemon, const Account& account) {
    check(daemon, account, is_whole);
}

void wait_for_a_round(Daemon& daemon, const Account& bystander) {
    for (const unsigned mode : {0701U, 0711U}) {
        const auto told = [&] {
            const auto repaired = daemon.events("permission.repaired", bystander.name);
            return std::count_if(repaired.begin(), repaired.end(), [&](const Json& event) {
                return text_at(event, "/before/mode") == (mode == 0701U ? "0701" : "0711");
            });
        };
        const auto before = told();
        set_mode(bystander.ssh_dir(), mode);
        CHECK(eventually([&] { return told() > before; }));
    }
}

} // namespace system_tests
