#include "homes/check.hpp"

#include "homes/losses.hpp"
#include "homes/survey.hpp"
#include "homes/verdict.hpp"
#include "store/memory_file.hpp"
#include "system/config_file.hpp"

namespace sshpermd {
namespace {

/// What was withheld is known as such; an ordinary user may not read that, and sees drift.
Assistance remembering(MemoryFile& memory) { return {{}, nullptr, &memory.memory(), {}}; }

} // namespace

ExitCode check(const Options& options) {
    const auto config = load_config(options.config_file).config;
    MemoryFile memory{StateUse::look};
    auto result = survey(config, options.users, Hand::look, kept_for(options), remembering(memory));
    for (auto& finding : result.findings)
        finding.action = word(Action::none);
    print(result, options);
    return exit_code(result, is_wrong_for_check);
}

ExitCode repair_dry_run(const Options& options) {
    const auto config = load_config(options.config_file).config;
    MemoryFile memory{StateUse::look};
    auto result = survey(config, options.users, Hand::look, kept_for(options), remembering(memory));
    note_losses(config, result);
    print(result, options);
    return exit_code(result, is_wrong_for_check);
}

} // namespace sshpermd
