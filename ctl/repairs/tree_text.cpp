#include "repairs/tree_text.hpp"

#include "event/check_json.hpp"
#include "event/text.hpp"
#include "policy/json_text.hpp"
#include "wrap.hpp"

#include <ostream>

namespace sshpermd {
namespace {

Json json_of(std::uint32_t id, std::optional<std::string_view> name) {
    Json json{{"id", id}};
    if (name)
        json["name"] = *name;
    return json;
}

std::string spell(uid_t owner, gid_t group, const Accounts& accounts) {
    const auto user = accounts.user_name(owner);
    const auto name = accounts.group_name(group);
    return printable((user ? std::string{*user} : std::to_string(owner)) + ":" +
                     (name ? std::string{*name} : std::to_string(group)));
}

std::string count_of(std::uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

Json json_of_left(const TreeTally& tally) {
    auto left = Json::array();
    for (std::size_t i = 0; i < left_reasons; ++i)
        if (const auto& files = tally.left.at(i); files.count > 0)
            left.push_back({{"reason", word(static_cast<LeftReason>(i))},
                            {"count", files.count},
                            {"first", files.first}});
    return left;
}

} // namespace

std::string_view word(const TreeResult& result) {
    if (!result.refused.empty())
        return "refused";
    if (result.is_stopped)
        return "stopped";
    return result.is_dry_run && result.tally.changed > 0 ? "would_change" : "done";
}

void print_tree(std::ostream& out, const TreeResult& result, const Accounts& accounts) {
    const auto& tally = result.tally;
    if (!result.refused.empty()) {
        out << printable(result.whose.home)
            << ": nothing below it was looked at: " << printable(result.why) << '\n';
        return;
    }
    out << "below " << printable(result.whose.home) << ": "
        << count_of(tally.looked_at, "file", "files") << " in "
        << count_of(tally.directories, "directory", "directories") << " looked at, "
        << tally.changed << (result.is_dry_run ? " would be" : "") << " handed over\n";
    for (const auto& [from, count] : tally.from)
        out << "  " << count << " from " << spell(from.first, from.second, accounts) << '\n';
    for (std::size_t i = 0; i < left_reasons; ++i) {
        const auto& files = tally.left.at(i);
        const auto reason = static_cast<LeftReason>(i);
        if (files.count == 0)
            continue;
        out << wrapped(std::to_string(files.count) + " left (" + std::string{word(reason)} +
                           "): " + std::string{why(reason)},
                       2);
        for (const auto& path : files.first)
            out << "    " << printable(path) << '\n';
        if (files.count > files.first.size())
            out << "    and " << files.count - files.first.size() << " more\n";
    }
    for (const auto& [path, failure] : tally.first_failures)
        out << "  " << printable(path) << ": cannot " << failure.doing << ": "
            << error_text(failure.number) << '\n';
    if (tally.failures > tally.first_failures.size())
        out << "  and " << tally.failures - tally.first_failures.size() << " failures more\n";
    if (result.is_stopped)
        out << "  stopped: what was handed over stays so; run it again for the rest\n";
}

std::string to_json(const TreeResult& result, const Accounts& accounts) {
    const auto& tally = result.tally;
    auto from = Json::array();
    for (const auto& [whose, count] : tally.from)
        from.push_back({{"owner", json_of(whose.first, accounts.user_name(whose.first))},
                        {"group", json_of(whose.second, accounts.group_name(whose.second))},
                        {"count", count}});
    auto failed = Json::array();
    for (const auto& [path, failure] : tally.first_failures)
        failed.push_back(
            {{"path", path},
             {"code", error_name(failure.number)},
             {"message", "cannot " + failure.doing + ": " + error_text(failure.number)}});
    const Json json{{"schema", "sshpermd.recursive/1"},
                    {"user", result.whose.user},
                    {"home", result.whose.home},
                    {"result", word(result)},
                    {"reason", text_or_null(result.refused)},
                    {"why", text_or_null(result.why)},
                    {"directories", tally.directories},
                    {"looked_at", tally.looked_at},
                    {"changed", tally.changed},
                    {"from", std::move(from)},
                    {"left", json_of_left(tally)},
                    {"errors", {{"count", tally.failures}, {"first", std::move(failed)}}},
                    {"seconds", result.seconds},
                    {"chain", Json::parse(to_json(result.chain))}};
    return one_line(json);
}

} // namespace sshpermd
