// Apply: carrying out a plan on a held object.
#pragma once

#include "repair/plan.hpp"
#include "repair/report.hpp"
#include "system/handle.hpp"

#include <optional>
#include <vector>

namespace sshpermd {

/// Takes the steps in order and stops at the first that fails; what was done until then has never
/// widened access. Nothing when all were taken.
std::optional<Failure> apply(const Kernel& kernel, const Handle& handle,
                             const std::vector<Step>& steps);

} // namespace sshpermd
