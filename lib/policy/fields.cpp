#include "policy/fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace sshpermd {

std::string_view take_field(std::string_view& text, std::string_view ends) {
    const auto end = std::min(text.find_first_of(ends), text.size());
    const auto field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return field;
}

std::vector<std::string_view> fields_of(std::string_view text, std::string_view ends) {
    std::vector<std::string_view> fields;
    while (!text.empty())
        if (const auto field = take_field(text, ends); !field.empty())
            fields.push_back(field);
    return fields;
}

std::string_view trim(std::string_view text, std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
    return text.substr(0, text.find_last_not_of(characters) + 1);
}

std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
        {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
    constexpr std::uint64_t largest = 1'000'000'000;
    const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
    const auto count = decimal(digits);
    const auto* const unit = std::find_if(units.begin(), units.end(), [&](const auto& known) {
        return known.first == text.substr(digits.size());
    });
    if (!count || *count > largest || unit == units.end())
        return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::int64_t>(*count) * unit->second};
}

std::optional<std::uint64_t> decimal(std::string_view text) {
    std::uint64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && at == end ? std::optional{value} : std::nullopt;
}

} // namespace sshpermd
