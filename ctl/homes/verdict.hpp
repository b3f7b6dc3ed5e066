// What a check comes to: what is printed of it, and the exit code.
#pragma once

#include "event/check.hpp"
#include "exit_code.hpp"
#include "homes/survey.hpp"
#include "options.hpp"

namespace sshpermd {

/// A refusal that blocks nobody is listed, and fails no script.
bool harms(const CheckFinding& finding);
bool is_wrong_for_check(const CheckFinding& finding);
bool is_unsettled(const CheckFinding& finding);

/// Failures outrank findings: what could not be looked at may be worse than what was.
ExitCode exit_code(const Check& check, bool (*is_wrong)(const CheckFinding&));

/// What the output that was asked for can show.
Keep kept_for(const Options& options);

void print(const Check& check, const Options& options);

} // namespace sshpermd
