#include "system/clock_digits.hpp"

#include <array>
#include <ctime>

namespace sshpermd {
namespace {

std::string digits_of(std::time_t now, std::tm* (*split)(const std::time_t*, std::tm*)) {
    std::tm parts{};
    std::array<char, 32> text{};
    if (split(&now, &parts) == nullptr)
        return {};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%d%H%M%S", &parts)};
}

} // namespace

ClockDigits clock_digits() {
    const auto now = std::time(nullptr);
    return {digits_of(now, localtime_r), digits_of(now, gmtime_r)};
}

} // namespace sshpermd
