#include "finding/exposure.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sshpermd {
namespace {

constexpr unsigned may_write = 02;
constexpr unsigned may_search = 01;

std::uint16_t little_endian16(std::span<const std::byte> bytes) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) |
                                      std::to_integer<unsigned>(bytes[1]) << 8U);
}

} // namespace

bool Exposure::others_may_write(const Observed& link) const {
    if (link.type == FileType::symlink) // its mode says nothing, and it can only be replaced
        return false;
    const uid_t own = account_ == nullptr ? 0 : account_->uid;
    if (link.owner != 0 && link.owner != own && link.owner != nobodys_)
        return true;
    if (link.mode.has(may_write))
        return true;
    return link.mode.has(may_write << 3U) &&
           (link.acl_grants_write || accounts_->others_in_group(link.group, own));
}

bool Exposure::step(const Observed& link) {
    exposed_here_ = others_may_write(link);
    exposed_ = exposed_ || exposed_here_;
    return exposed_;
}

Exposure Exposure::for_account(const Account& account) const {
    auto copy = *this;
    copy.account_ = &account;
    return copy;
}

bool acl_matters(const Observed& link, const Account* account) {
    if (link.mode.has(may_write << 3U) && !link.mode.has(may_write))
        return true;
    return account == nullptr ? !link.mode.has(may_search) : link.owner != account->uid;
}

bool acl_grants_write(std::span<const std::byte> attribute) {
    constexpr std::size_t header = 4;
    constexpr std::size_t entry = 8;
    constexpr std::uint16_t named_user = 0x02;
    constexpr std::uint16_t named_group = 0x08;
    constexpr std::uint16_t mask = 0x10;
    constexpr std::uint16_t version = 2;
    constexpr std::array<std::uint16_t, 3> plain{0x01, 0x04, 0x20}; // owner, owning group, others
    if (attribute.size() < header || (attribute.size() - header) % entry != 0 ||
        little_endian16(attribute.first(2)) != version ||
        little_endian16(attribute.subspan(2, 2)) != 0)
        return true;

    bool named_may = false;
    bool mask_may = true;
    for (auto rest = attribute.subspan(header); !rest.empty(); rest = rest.subspan(entry)) {
        const auto tag = little_endian16(rest.first(2));
        const bool may = (little_endian16(rest.subspan(2, 2)) & may_write) != 0;
        if (tag == named_user || tag == named_group)
            named_may = named_may || may;
        else if (tag == mask)
            mask_may = may;
        else if (std::find(plain.begin(), plain.end(), tag) == plain.end())
            return true;
    }
    return named_may && mask_may;
}

} // namespace sshpermd
