#include "finding/finding.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

std::vector<DriftReason> reasons_of(const Observed& observed, const Expected& expected) {
    constexpr unsigned permissions = 0777;
    constexpr unsigned special = 07000;
    const auto extra = observed.mode & ~expected.mode;
    const auto lacking = expected.mode & ~observed.mode;

    std::vector<DriftReason> reasons;
    if (extra.has(permissions))
        reasons.push_back(DriftReason::too_open);
    if (observed.owner != expected.owner)
        reasons.push_back(DriftReason::wrong_owner);
    if (lacking.has(permissions))
        reasons.push_back(DriftReason::too_tight);
    if (observed.group != expected.group)
        reasons.push_back(DriftReason::wrong_group);
    if (extra.has(special) || lacking.has(special))
        reasons.push_back(DriftReason::special_bits);
    return reasons;
}

bool is_accepted(Mode mode, const Rule& rule) {
    return std::find(rule.accept.begin(), rule.accept.end(), mode) != rule.accept.end();
}

} // namespace

Finding judge(Target target, const Observed& observed, const Expected& expected, const Rule& rule,
              std::optional<bool> blocks) {
    if (observed.type == FileType::symlink)
        return Refusal{RefusalReason::symlink};
    if (observed.type != (is_file(target) ? FileType::file : FileType::dir))
        return Refusal{RefusalReason::wrong_type};
    if (rule.accept_sshd && blocks == false)
        return Compliant{};

    if (observed.owner != expected.owner && target != Target::home_root)
        return Refusal{target == Target::home && observed.owner == 0
                           ? RefusalReason::root_owned_home
                           : RefusalReason::foreign_owner};

    return judge_whoever_owns(observed, expected, rule);
}

Finding judge_client_file(Target target, const Observed& observed, const Expected& expected,
                          const Rule& rule, uid_t account) {
    if (rule.ignore)
        return Compliant{};
    if (observed.owner == account)
        return judge_whoever_owns(observed, expected, rule);
    const bool is_roots_config = target == Target::ssh_config && observed.owner == 0;
    return is_roots_config && !observed.mode.has(0022)
               ? Finding{Compliant{}}
               : Finding{Refusal{RefusalReason::foreign_owner}};
}

Finding judge_whoever_owns(const Observed& observed, const Expected& expected, const Rule& rule) {
    auto wanted = expected;
    if (is_accepted(observed.mode, rule))
        wanted.mode = observed.mode;
    auto reasons = reasons_of(observed, wanted);
    if (reasons.empty())
        return Compliant{};
    if (observed.immutable)
        return Refusal{RefusalReason::immutable};
    return Drift{observed, wanted, std::move(reasons)};
}

} // namespace sshpermd
