#include "homes/losses.hpp"

#include "policy/suggestion.hpp"
#include "system/account_database.hpp"
#include "system/visitors.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sshpermd {
namespace {

/// May somebody have more access to it now than he would have?
bool is_narrowed(const CheckFinding& finding) {
    if (finding.target != word(Target::home) || finding.result != "drift" || !finding.user ||
        !finding.observed)
        return false;
    const auto& now = *finding.observed;
    return (now.mode & ~finding.expected.mode).has(0077) ||
           (now.group.id != finding.expected.group.id && now.mode.has(0070));
}

Narrowing narrowing_of(const CheckFinding& finding, const Account& account) {
    const auto slash = finding.path.rfind('/');
    return {slash == 0 ? "/" : finding.path.substr(0, slash), finding.path.substr(slash + 1),
            account, finding.expected.mode};
}

} // namespace

void note_losses(const Config& config, Check& check) {
    std::vector<CheckFinding*> narrowed;
    for (auto& finding : check.findings)
        if (is_narrowed(finding))
            narrowed.push_back(&finding);
    if (narrowed.empty())
        return;

    const auto accounts = read_accounts(config.home_roots);
    std::vector<Narrowing> homes;
    std::erase_if(narrowed, [&](const CheckFinding* finding) {
        const auto* const account = accounts->by_name(*finding->user);
        if (account != nullptr)
            homes.push_back(narrowing_of(*finding, *account));
        return account == nullptr;
    });
    auto visitors = visitors_of(homes, *accounts);
    for (std::size_t i = 0; i < narrowed.size(); ++i) {
        auto& finding = *narrowed[i];
        finding.loses_access = std::move(visitors[i]);
        if (finding.loses_access.empty())
            continue;
        const auto group = finding.observed->group.id == finding.expected.group.id
                               ? HomeGroup::its_own
                               : HomeGroup::another;
        finding.kept_by = override_that_keeps(config, *finding.user, finding.observed->mode, group);
    }
}

} // namespace sshpermd
