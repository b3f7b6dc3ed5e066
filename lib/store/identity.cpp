#include "store/identity.hpp"

#include "store/machine_id.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

std::string boot_id() {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    file >> id;
    id.erase(std::remove(id.begin(), id.end(), '-'), id.end());
    return id;
}

std::string host_name() {
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// RFC 9562, version 4.
std::string random_uuid() {
    constexpr const char* digits = "0123456789abcdef";
    std::array<unsigned char, 16> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw std::system_error(errno, std::generic_category(), "getrandom");
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x40U);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);

    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += digits[bytes[i] >> 4U];
        text += digits[bytes[i] & 15U];
    }
    return text;
}

} // namespace

std::string this_machine() {
    constexpr std::string_view prefix = "machine:";
    auto id = machine_id();
    return id.starts_with(prefix) ? id.substr(prefix.size()) : id;
}

Stamper::Stamper(Source source, std::string version) {
    template_.boot_id = boot_id();
    template_.host = host_name();
    template_.machine = this_machine();
    template_.version = std::move(version);
    template_.pid = getpid();
    template_.source = source;
}

Stamp Stamper::next() {
    auto stamp = template_;
    stamp.id = random_uuid();
    stamp.seq = ++seq_;
    stamp.time = std::chrono::system_clock::now();
    return stamp;
}

} // namespace sshpermd
