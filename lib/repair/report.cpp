#include "repair/report.hpp"

#include <array>
#include <cstring>

namespace sshpermd {

std::string_view word(Action action) {
    constexpr std::array<std::string_view, 6> words{"none",     "would_repair", "deferred",
                                                    "repaired", "withheld",     "failed"};
    return words.at(static_cast<std::size_t>(action));
}

std::string error_name(int number) {
    const char* const name = strerrorname_np(number);
    return name == nullptr ? "unknown" : name;
}

std::string error_text(int number) {
    const char* const text = strerrordesc_np(number); // null for what only the kernel knows
    return text == nullptr ? "error " + std::to_string(number) : text;
}

bool is_settled(const Report& report) {
    if (report.failure || report.action == Action::withheld)
        return false;
    return std::holds_alternative<Compliant>(report.finding) ||
           std::holds_alternative<Missing>(report.finding) || report.action == Action::repaired;
}

} // namespace sshpermd
