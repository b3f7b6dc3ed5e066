// Fuzzes the bytes of system.posix_acl_access against a plain reading of posix_acl_xattr.h.
#include "fuzz.hpp"

#include "finding/exposure.hpp"

namespace {

/// As the kernel's posix_acl_from_xattr() reads it; what it refuses counts as granting.
bool grants_write(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return unsigned{static_cast<unsigned char>(bytes[i])}; };
    const auto number = [&](std::size_t i) { return at(i) | at(i + 1) << 8U; };
    if (bytes.size() < 4 || bytes.size() % 8 != 4 || number(0) != 2 || number(2) != 0)
        return true;
    bool named = false;
    bool masked = false;
    for (std::size_t i = 4; i < bytes.size(); i += 8) {
        const bool writes = (number(i + 2) & 2U) != 0;
        switch (number(i)) {
        case 0x01: // the owner
        case 0x04: // the owning group
        case 0x20: // everybody else
            break;
        case 0x02:
        case 0x08: named = named || writes; break;
        case 0x10: masked = !writes; break;
        default: return true;
        }
    }
    return named && !masked;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bool may = sshpermd::acl_grants_write(std::as_bytes(std::span{data, size}));
    fuzz::check(may == grants_write(fuzz::text_of(data, size)),
                "a named entry grants writing, or the attribute cannot be parsed");
    return 0;
}
