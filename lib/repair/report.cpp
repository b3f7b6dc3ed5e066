#include "repair/report.hpp"

#include <array>

namespace sshpermd {

std::string_view word(Action action) {
    constexpr std::array<std::string_view, 5> words{"none", "would_repair", "deferred", "repaired",
                                                    "failed"};
    return words.at(static_cast<std::size_t>(action));
}

bool is_settled(const Report& report) {
    if (report.failure)
        return false;
    return std::holds_alternative<Compliant>(report.finding) ||
           std::holds_alternative<Missing>(report.finding) || report.action == Action::repaired;
}

} // namespace sshpermd
