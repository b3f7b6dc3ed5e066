// Steps: what `repair --sshd` found at one thing that sshd needs, and what it did about it.
#pragma once

#include "event/event.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

enum class SshdResult {
    ok,
    note, ///< worth knowing, and nothing to repair
    would_repair,
    repaired,
    left,   ///< wrong, and for a reason nothing that this command changes
    failed, ///< could not be carried out
};
std::string_view word(SshdResult result);

struct SshdStep {
    std::string check; ///< program, files, config, user, host_keys, directory, accepted or running
    SshdResult result = SshdResult::ok;
    std::string path; ///< of what it is about; may be empty
    std::string summary;
    std::string cause; ///< in sshd's own words; may be empty
    std::string fix;   ///< a command for the operator; may be empty
    std::optional<Attributes> before;
    std::optional<Attributes> after;
    std::string backup; ///< where the file as it was lies now
    std::string diff;
};

SshdStep step_of(std::string check, SshdResult result, std::string path, std::string summary,
                 std::string fix = {}, std::string cause = {});

/// sshd.repaired, of a step that repaired.
Event event_of(const SshdStep& step);

/// The document sshpermd.sshd/1.
std::string to_json(const std::vector<SshdStep>& steps, bool dry_run);

} // namespace sshpermd
