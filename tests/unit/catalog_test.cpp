// The journal's catalog: what `journalctl -x` adds to an event.
#include "catch.hpp"

#include "event/event.hpp"

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace sshpermd;

std::vector<EventType> all_types() {
    std::vector<EventType> types;
    try {
        for (int i = 0;; ++i) {
            (void)message_id(static_cast<EventType>(i));
            types.push_back(static_cast<EventType>(i));
        }
    } catch (const std::out_of_range&) {
        return types;
    }
}

/// What stands below each MESSAGE_ID.
std::map<std::string, std::string> catalog() {
    std::ifstream file{SSHPERMD_CATALOG};
    REQUIRE(file);
    const std::regex heading{"-- ([0-9a-f]{32})"};
    std::map<std::string, std::string> entries;
    std::string line;
    std::string id;
    while (std::getline(file, line)) {
        std::smatch match;
        if (line.rfind('#', 0) == 0)
            continue;
        if (std::regex_match(line, match, heading)) {
            id = match[1];
            CHECK(entries.count(id) == 0);
        }
        entries[id] += line + '\n';
    }
    entries.erase("");
    return entries;
}

TEST_CASE("every event has an entry in the catalog, and no entry is of no event", "[catalog]") {
    auto entries = catalog();

    for (const auto type : all_types()) {
        INFO(word(type));
        const auto entry = entries.find(std::string{message_id(type)});
        REQUIRE(entry != entries.end());
        const std::regex whole{"-- .*\nSubject: .+\nDefined-By: sshpermd\nDocumentation: "
                               "man:sshpermd-events\\(7\\)\n\n"
                               "(.+\n)+\n*"};
        CHECK(std::regex_match(entry->second, whole));
        entries.erase(entry);
    }
    CHECK(entries.empty());
}

TEST_CASE("the catalog shows no field that may hold what a terminal obeys", "[catalog]") {
    const std::set<std::string> harmless{"SSHPERMD_TARGET",      "SSHPERMD_REASONS",
                                         "SSHPERMD_TROUBLE",     "SSHPERMD_ERROR",
                                         "SSHPERMD_MODE_BEFORE", "SSHPERMD_MODE_AFTER"};
    const std::regex field{"@([A-Z_]+)@"};

    for (const auto& [id, text] : catalog())
        for (std::sregex_iterator at{text.begin(), text.end(), field}, end; at != end; ++at) {
            INFO(id);
            CHECK(harmless.count((*at)[1].str()) == 1);
        }
}

} // namespace
