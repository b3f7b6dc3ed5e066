#include "system/apply.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <variant>

namespace sshpermd {
namespace {

std::optional<Failure> take(const Kernel& kernel, const Handle& handle, SetMode step) {
    if (change_mode(kernel, handle.fd(), step.mode) == 0)
        return std::nullopt;
    return Failure{errno, "set the mode to " + to_string(step.mode)};
}

std::optional<Failure> take(const Kernel& /*kernel*/, const Handle& handle, const SetOwner& step) {
    constexpr auto keep = static_cast<uid_t>(-1);
    if (fchownat(handle.fd(), "", step.owner.value_or(keep), step.group.value_or(keep),
                 AT_EMPTY_PATH) == 0)
        return std::nullopt;
    return Failure{errno, step.owner ? "set the owner" : "set the group"};
}

} // namespace

std::optional<Failure> apply(const Kernel& kernel, const Handle& handle,
                             const std::vector<Step>& steps) {
    for (const auto& step : steps) {
        auto failure = std::visit([&](const auto& one) { return take(kernel, handle, one); }, step);
        if (failure)
            return failure;
    }
    return std::nullopt;
}

} // namespace sshpermd
