#include "store/machine_id.hpp"

#include "io/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sshpermd {
namespace {

/// The 32 hexadecimal digits at the beginning of a file, without dashes; empty when there are
/// none, or zeros.
std::string digits_in(const std::string& path) {
    const UniqueFd fd{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    std::array<char, 64> buffer{};
    const auto length = fd ? read(fd.get(), buffer.data(), buffer.size()) : -1;
    if (length <= 0)
        return {};
    std::string digits(buffer.data(), static_cast<std::size_t>(length));
    digits.erase(std::min(digits.find('\n'), digits.size()));
    std::erase(digits, '-');
    const bool is_id = digits.size() == 32 &&
                       digits.find_first_not_of("0123456789abcdef") == std::string::npos &&
                       digits.find_first_not_of('0') != std::string::npos;
    return is_id ? digits : std::string{};
}

} // namespace

std::string machine_id(const std::string& machine_file, const std::string& boot_file) {
    if (const auto machine = digits_in(machine_file); !machine.empty())
        return "machine:" + machine;
    const auto boot = digits_in(boot_file);
    return boot.empty() ? boot : "boot:" + boot;
}

} // namespace sshpermd
