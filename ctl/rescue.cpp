#include "rescue.hpp"

#include "complain.hpp"
#include "reconcile/request.hpp"
#include "recorder.hpp"
#include "survey.hpp"
#include "system/config_file.hpp"
#include "system/image.hpp"
#include "verdict.hpp"

#include <unistd.h>

namespace sshpermd {
namespace {

ExitCode look(const Config& config, const Options& options, const Image& image) {
    Assistance with;
    with.image = &image;
    auto result = survey(config, options.users, Hand::look, kept_for(options), with);
    if (!options.dry_run)
        for (auto& finding : result.findings)
            finding.action = word(Action::none);
    print(result, options);
    return exit_code(result, is_wrong_for_check);
}

} // namespace

Config config_for_image(const Options& options) {
    return options.config_file ? load_config(options.config_file).config : Config{};
}

std::optional<ExitCode> prepare_to_change(Image& image) {
    if (image.is_read_only())
        return complain(image.path() +
                            " is mounted read-only, nothing was changed: mount -o "
                            "remount,rw " +
                            image.path(),
                        ExitCode::failed);
    if (!image.lock())
        return complain("another sshpermctl repairs " + image.path() + "; nothing was done here",
                        ExitCode::failed);
    return std::nullopt;
}

ExitCode check_image(const Options& options) {
    const auto config = config_for_image(options);
    return look(config, options, Image{Kernel::detect(), *options.root});
}

ExitCode repair_image(const Options& options) {
    const auto config = config_for_image(options);
    Image image{Kernel::detect(), *options.root};
    if (options.dry_run)
        return look(config, options, image);
    if (geteuid() != 0)
        return complain("repair needs root (check does not): sudo sshpermctl repair",
                        ExitCode::permission_denied);
    if (const auto problem = prepare_to_change(image))
        return *problem;
    Recorder recorder{SSHPERMD_VERSION, Recorder::Kept::in_journal_alone};
    Assistance with;
    with.each = [&](const Report& report, const Accounts& accounts) {
        recorder.record(report, accounts);
    };
    with.word = word_of({options.users, options.take_ownership, options.trust_content});
    with.image = &image;
    const auto result = survey(config, options.users, Hand::repair, kept_for(options), with);
    print(result, options);
    return exit_code(result, options.users.empty() ? harms : is_unsettled);
}

} // namespace sshpermd
