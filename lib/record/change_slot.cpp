#include "record/change_slot.hpp"

#include <algorithm>
#include <string_view>

namespace sshpermd {
namespace {

ChangeSlot::Look look_of(const Observed& observed) {
    return {observed.inode,
            observed.mode.bits(),
            observed.owner,
            observed.group,
            observed.links,
            static_cast<std::uint32_t>(observed.type),
            0};
}

template <std::size_t size>
std::uint8_t copy_start(std::string_view text, std::array<char, size>& to) {
    constexpr std::size_t most = std::min<std::size_t>(size, 255);
    const auto length = std::min(text.size(), most);
    std::copy_n(text.begin(), length, to.begin());
    return static_cast<std::uint8_t>(length);
}

bool is_mode(std::uint32_t bits) { return bits <= 07777U; }

std::optional<Observed> observed_from(const ChangeSlot::Look& look) {
    constexpr auto last_type = static_cast<std::uint32_t>(FileType::block);
    if (!is_mode(look.mode) || look.type > last_type)
        return std::nullopt;
    Observed observed;
    observed.type = static_cast<FileType>(look.type);
    observed.mode = Mode{look.mode};
    observed.owner = look.owner;
    observed.group = look.group;
    observed.inode = look.inode;
    observed.links = look.links;
    return observed;
}

bool is_time(std::int64_t us) {
    constexpr std::int64_t most = 9'223'372'036'000'000; // year 2262: more is no system_clock time
    return us >= 0 && us <= most;
}

} // namespace

void note_begin(ChangeSlot& slot, const Report& report, std::int64_t time_us) {
    slot.time_us = time_us;
    slot.before = look_of(report.observed ? *report.observed : Observed{});
    slot.expected_mode = report.expected.mode.bits();
    slot.expected_owner = report.expected.owner;
    slot.expected_group = report.expected.group;
    slot.target = static_cast<std::uint8_t>(report.target);
    slot.user_size = copy_start(
        report.account != nullptr ? report.account->name : std::string_view{}, slot.user);
    slot.path_size = copy_start(report.path, slot.path);
}

void note_done(ChangeSlot& slot, const Observed& after) { slot.after = look_of(after); }

std::optional<InterruptedChange> read_slot(std::uint32_t state, const ChangeSlot& slot) {
    const bool is_done = state == static_cast<std::uint32_t>(SlotState::done);
    if (!is_done && state != static_cast<std::uint32_t>(SlotState::begun))
        return std::nullopt;
    const auto before = observed_from(slot.before);
    const std::string_view path{slot.path.data(), slot.path_size};
    if (!before || slot.target >= all_targets.size() || slot.user_size > slot.user.size() ||
        !path.starts_with('/') || !is_mode(slot.expected_mode) || !is_time(slot.time_us))
        return std::nullopt;

    InterruptedChange change;
    change.user.assign(slot.user.data(), slot.user_size);
    change.target = all_targets.at(slot.target);
    change.path = path;
    change.before = *before;
    change.expected = {Mode{slot.expected_mode}, slot.expected_owner, slot.expected_group};
    if (is_done)
        change.after = observed_from(slot.after);
    change.time_us = slot.time_us;
    return change;
}

} // namespace sshpermd
