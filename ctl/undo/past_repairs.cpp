#include "undo/past_repairs.hpp"

#include "store/record_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

namespace sshpermd {
namespace {

bool is_of(std::string_view line, EventType type) {
    return line.find("\"event\":\"" + std::string{word(type)} + "\"") != std::string_view::npos;
}

} // namespace

PastRepairs::PastRepairs() {
    const auto dir = open_record_dir(StateUse::look);
    if (!dir)
        return;
    read_record(dir.get(), [this](std::string_view line) {
        if (auto id = undone_by(line))
            undone_.insert(*std::move(id));
        else if (is_of(line, EventType::permission_repaired) ||
                 is_of(line, EventType::repair_withheld))
            lines_.emplace_back(line);
    });
}

void PastRepairs::each_newest_first(const std::function<bool(PastRepair)>& each) const {
    static_cast<void>(std::any_of(lines_.rbegin(), lines_.rend(), [&](const std::string& line) {
        auto repair = parse_past_repair(line);
        return repair && !each(*std::move(repair));
    }));
}

std::optional<std::string> PastRepairs::line_of(std::string_view id) const {
    const auto begin = "{\"schema\":\"sshpermd.event/1\",\"id\":\"" + std::string{id} + "\"";
    const auto found = std::find_if(lines_.rbegin(), lines_.rend(), [&](const std::string& line) {
        return line.starts_with(begin);
    });
    return found == lines_.rend() ? std::nullopt : std::optional{*found};
}

bool is_event_id(std::string_view text) {
    constexpr std::string_view form = "00000000-0000-0000-0000-000000000000";
    if (text.size() != form.size())
        return false;
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] == '-' ? text[i] != '-'
                           : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
            return false;
    return true;
}

std::string withheld_hash(std::string_view line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const nlohmann::json::json_pointer hash{"/content/sha256"};
    return is_of(line, EventType::repair_withheld) && json.is_object() && json.contains(hash) &&
                   json.at(hash).is_string()
               ? json.at(hash).get<std::string>()
               : std::string{};
}

} // namespace sshpermd
