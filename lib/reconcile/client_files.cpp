#include "reconcile/client_files.hpp"

#include "keys/armor.hpp"
#include "system/content.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

/// Does the file begin as private keys of any format do?
bool is_private_key(const Handle& file) {
    constexpr std::size_t enough = 128; // for the first line of every format
    const auto beginning = read_beginning(file, enough);
    const auto head = armor_head(std::string_view{beginning}.substr(0, beginning.find('\n')));
    return head && head->is_private;
}

/// Nothing when there is no such file, or it is none of our business.
std::optional<Report> look_at(Repairer& repairer, Target target, const std::string& name,
                              const Home& home, const Handle& ssh_dir) {
    const auto& rule = home.policy->rule(target);
    Report report;
    report.target = target;
    report.path = home.path() + "/.ssh/" + name;
    report.account = home.account.get();
    report.expected = {rule.mode, home.account->uid, home.account->gid};
    report.finding = Missing{};
    report.blocks_login = false;
    try {
        const auto opened = open_child(repairer.kernel(), ssh_dir, name);
        const auto* const handle = std::get_if<Handle>(&opened);
        if (handle == nullptr)
            return std::nullopt;
        report.observed = handle->observe();
        const auto& observed = *report.observed;
        if (observed.type != FileType::file ||
            (target == Target::private_key && !is_private_key(*handle)))
            return std::nullopt;
        report.expected = {rule.mode, observed.owner, observed.group};
        report.finding =
            judge_client_file(target, observed, report.expected, rule, home.account->uid);
        repairer.repair(report, *handle);
    } catch (const std::system_error& error) {
        fail_to_look(report, error);
    }
    return report;
}

bool is_the_accounts(const Link& ssh_dir, const Account& account) {
    const auto& report = ssh_dir.report;
    if (!ssh_dir.is_dir || report.failure)
        return false;
    return (report.after ? *report.after : *report.observed).owner == account.uid;
}

} // namespace

std::vector<Report> look_at_client_files(Repairer& repairer, const Config& config, const Home& home,
                                         const Chain& chain) {
    std::vector<Report> reports;
    if (chain.size() <= at_ssh_dir || !is_the_accounts(chain[at_ssh_dir], *home.account))
        return reports;
    const auto& ssh_dir = *chain[at_ssh_dir].handle;
    const auto add = [&](Target target, const std::string& name) {
        if (auto report = look_at(repairer, target, name, home, ssh_dir))
            reports.push_back(*std::move(report));
    };
    if (config.private_keys) {
        const auto is_wanted = [&](std::string_view name) {
            const auto& others = config.key_files;
            return may_be_private_key(name) &&
                   std::find(others.begin(), others.end(), name) == others.end();
        };
        try {
            for (const auto& name : find_names(ssh_dir, most_private_keys, is_wanted))
                add(Target::private_key, name);
        } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch): gone meanwhile
        }
    }
    if (config.client_config)
        add(Target::ssh_config, std::string{ssh_config_name});
    return reports;
}

} // namespace sshpermd
