#include "homes/suggest.hpp"

#include "complain.hpp"
#include "event/text.hpp"
#include "homes/losses.hpp"
#include "homes/survey.hpp"
#include "policy/suggestion.hpp"
#include "system/account_database.hpp"
#include "system/chroot.hpp"
#include "system/config_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

namespace sshpermd {
namespace {

struct Suggestion {
    std::string why;   ///< one line
    std::string entry; ///< JSON
};

std::string joined(const std::vector<std::string>& visitors) {
    std::string text;
    for (const auto& visitor : visitors)
        text.append(text.empty() ? "" : "; ").append(printable(visitor));
    return text;
}

/// Root's, and so that it is left alone anyway: the override says why, and ends the reports.
bool is_roots_home(const CheckFinding& finding) {
    const auto& reasons = finding.reasons;
    return finding.target == word(Target::home) && finding.user &&
           std::find(reasons.begin(), reasons.end(), word(RefusalReason::root_owned_home)) !=
               reasons.end();
}

std::vector<Suggestion> suggestions_for(const Config& config) {
    auto check = survey(config, {}, Hand::look, Keep::not_compliant, {});
    note_losses(config, check);
    const auto accounts = read_accounts(config.home_roots);
    Chroots chroots;
    std::vector<Suggestion> all;
    for (const auto& finding : check.findings) {
        if (!finding.loses_access.empty())
            all.push_back({printable(finding.path) + " (" + to_string(finding.observed->mode) +
                               "): " + joined(finding.loses_access),
                           finding.kept_by});
        const auto* const account =
            is_roots_home(finding) ? accounts->by_name(*finding.user) : nullptr;
        if (account != nullptr && chroots.may_confine(*account))
            all.push_back({printable(finding.path) + " is root's, and sshd confines " +
                               printable(*finding.user) + " to it (ChrootDirectory)",
                           override_that_ignores_home(config, *finding.user)});
    }
    return all;
}

void print_json(const std::vector<Suggestion>& all) {
    std::cout << R"({"overrides":[)";
    for (std::size_t i = 0; i < all.size(); ++i)
        std::cout << (i == 0 ? "" : ",") << all[i].entry;
    std::cout << "]}\n";
}

void print_text(const std::vector<Suggestion>& all) {
    if (all.empty()) {
        std::cout << "// Nothing to change: the policy closes no home that anybody else uses now.\n"
                     "{}\n";
        return;
    }
    std::cout << "// Put this, or what you want of it, into /etc/sshpermd/conf.d/50-keep.json,\n"
                 "// then: systemctl reload sshpermd\n"
                 "{\n  \"overrides\": [\n";
    for (std::size_t i = 0; i < all.size(); ++i)
        std::cout << "    // " << all[i].why << "\n    " << all[i].entry
                  << (i + 1 < all.size() ? ",\n" : "\n");
    std::cout << "  ]\n}\n";
}

} // namespace

ExitCode config_suggest(const Options& options) {
    if (geteuid() != 0)
        return complain("config suggest needs root, to see what the processes of others use: sudo "
                        "sshpermctl config suggest",
                        ExitCode::permission_denied);
    const auto all = suggestions_for(load_config(options.config_file).config);
    if (options.output == Output::json)
        print_json(all);
    else
        print_text(all);
    return ExitCode::ok;
}

} // namespace sshpermd
