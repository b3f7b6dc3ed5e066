#include "record/change_record.hpp"

#include "event/event_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace sshpermd {
namespace {

constexpr std::string_view suffix = ".jsonl";
constexpr std::size_t least_digits = 8;
constexpr std::size_t most_digits = 18;

bool is_line(std::string_view text) {
    return text.size() <= max_line && text.starts_with('{') && text.ends_with('}') &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }) &&
           nlohmann::json::accept(text);
}

} // namespace

std::string segment_name(std::uint64_t number) {
    auto digits = std::to_string(number);
    if (digits.size() < least_digits)
        digits.insert(0, least_digits - digits.size(), '0');
    return digits.append(suffix);
}

std::optional<std::uint64_t> segment_number(std::string_view name) {
    if (!name.ends_with(suffix))
        return std::nullopt;
    name.remove_suffix(suffix.size());
    std::uint64_t number = 0;
    const auto* const end = name.data() + name.size();
    if (name.size() > most_digits || std::from_chars(name.data(), end, number).ptr != end ||
        segment_name(number) != std::string{name}.append(suffix))
        return std::nullopt;
    return number;
}

std::size_t whole_lines(std::string_view bytes) {
    const auto last = bytes.rfind('\n');
    return last == std::string_view::npos ? 0 : last + 1;
}

std::vector<std::string_view> record_lines(std::string_view bytes) {
    std::vector<std::string_view> lines;
    bytes = bytes.substr(0, whole_lines(bytes));
    while (!bytes.empty()) {
        const auto line = bytes.substr(0, bytes.find('\n'));
        bytes.remove_prefix(line.size() + 1);
        if (is_line(line))
            lines.push_back(line);
    }
    return lines;
}

} // namespace sshpermd
