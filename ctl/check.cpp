#include "check.hpp"

#include "survey.hpp"
#include "system/config_file.hpp"
#include "verdict.hpp"

namespace sshpermd {

ExitCode check(const Options& options) {
    const auto config = load_config(options.config_file);
    auto result = survey(config, options.users, Hand::look, kept_for(options), {});
    for (auto& finding : result.findings)
        finding.action = word(Action::none);
    print(result, options);
    return exit_code(result, is_wrong_for_check);
}

ExitCode repair_dry_run(const Options& options) {
    const auto config = load_config(options.config_file);
    const auto result = survey(config, options.users, Hand::look, kept_for(options), {});
    print(result, options);
    return exit_code(result, is_wrong_for_check);
}

} // namespace sshpermd
