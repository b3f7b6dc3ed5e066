#include "repairs/rescue.hpp"

#include "complain.hpp"
#include "homes/survey.hpp"
#include "homes/verdict.hpp"
#include "reconcile/request.hpp"
#include "repairs/recorder.hpp"
#include "repairs/relabelling.hpp"
#include "system/config_file.hpp"
#include "system/image.hpp"

#include <unistd.h>

#include <utility>
#include <vector>

namespace sshpermd {
namespace {

/// Paths in the image of what was, or would be, repaired.
class Changed {
  public:
    explicit Changed(const Image& image) : image_(image) {}

    void hear(const Report& report) {
        const bool is_one = report.action == Action::would_repair || (report.tried && report.after);
        if (is_one && report.path.starts_with(image_.path()))
            paths_.push_back(report.path.substr(image_.path().size()));
    }

    ExitCode print_with_relabelling(Check& check, RelabelHand hand, const Options& options) const {
        const auto labels = see_to_labels(image_, paths_, hand);
        check.relabel = labels.word;
        print(check, options);
        return tell(labels, options);
    }

  private:
    const Image& image_;
    std::vector<std::string> paths_;
};

ExitCode look(const Config& config, const Options& options, const Image& image) {
    Assistance with;
    with.image = &image;
    Changed changed{image};
    if (options.dry_run)
        with.each = [&](const Report& report, const Accounts& /*accounts*/) {
            changed.hear(report);
        };
    auto result = survey(config, options.users, Hand::look, kept_for(options), with);
    if (!options.dry_run)
        for (auto& finding : result.findings)
            finding.action = word(Action::none);
    const auto relabelled = changed.print_with_relabelling(result, RelabelHand::look, options);
    const auto code = exit_code(result, is_wrong_for_check);
    return relabelled == ExitCode::ok ? code : relabelled;
}

} // namespace

std::optional<Image> image_for(const Options& options) {
    if (!options.root)
        return std::nullopt;
    return std::optional<Image>{std::in_place, Kernel::detect(), *options.root};
}

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
    Changed changed{image};
    Assistance with;
    with.each = [&](const Report& report, const Accounts& accounts) {
        recorder.record(report, accounts);
        changed.hear(report);
    };
    with.word = word_of({options.users, options.take_ownership, options.trust_content});
    with.image = &image;
    auto result = survey(config, options.users, Hand::repair, kept_for(options), with);
    const auto relabelled = changed.print_with_relabelling(result, RelabelHand::request, options);
    const auto code = exit_code(result, options.users.empty() ? harms : is_unsettled);
    return relabelled == ExitCode::ok ? code : relabelled;
}

} // namespace sshpermd
