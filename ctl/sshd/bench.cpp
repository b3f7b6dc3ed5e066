#include "sshd/bench.hpp"

#include "repair/plan.hpp"
#include "repair/report.hpp"
#include "system/apply.hpp"

#include <stdexcept>

namespace sshpermd {
namespace {

constexpr Inquirer::Limits limits{std::chrono::seconds{20}, std::size_t{256} << 10U};

std::optional<SshdComplaint> complaint_of(const std::optional<Inquirer::Said>& said,
                                          const std::string& program) {
    if (!said)
        throw std::runtime_error("cannot ask " + program + " -t");
    if (said->status == 0)
        return std::nullopt;
    auto complaint = complaint_in(said->text);
    if (!complaint)
        complaint.emplace().words =
            program + " -t ends with status " + std::to_string(said->status) + ", without a word";
    return complaint;
}

} // namespace

Attributes attributes_of(const Observed& observed) {
    const auto id = [](std::uint32_t number) {
        return Id{number, number == 0 ? std::optional<std::string>{"root"} : std::nullopt};
    };
    return {observed.mode, id(observed.owner), id(observed.group)};
}

void SshdBench::add(SshdStep step) {
    if (step.result == SshdResult::repaired && recorder_ != nullptr)
        recorder_->record(event_of(step));
    steps_.push_back(std::move(step));
}

std::vector<std::string> SshdBench::question(const std::string& config) const {
    std::vector<std::string> argv{sshd_.program, "-t", "-f", config};
    if (config == sshd_.config)
        argv.insert(argv.end(), sshd_.options.begin(), sshd_.options.end());
    return argv;
}

std::optional<SshdComplaint> SshdBench::complaint(const std::string& config) const {
    return complaint_of(Inquirer{}.hear(question(config), limits), sshd_.program);
}

std::optional<SshdComplaint>
SshdBench::complaint_in_trial(const std::string& config,
                              const std::vector<OtherContent>& others) const {
    const auto key = std::string{trial_dir} + "/host_key";
    auto argv = question(config);
    argv.insert(argv.end(), {"-h", key});
    const auto said = hear_in_trial(
        others, {{ssh_keygen_path, "-q", "-t", "ecdsa", "-N", "", "-f", key}, argv}, limits);
    return complaint_of(said, "in a trial of its own, " + sshd_.program);
}

std::optional<std::string> SshdBench::settings() const {
    Inquirer inquirer;
    SshdQuestion question = sshd_.question_about("root");
    return ask_sshd(inquirer, question);
}

void SshdBench::set(SshdStep step, const Handle& file, const Expected& expected) {
    const auto was = file.observe();
    step.before = attributes_of(was);
    if (was.immutable) {
        step.result = SshdResult::left;
        step.summary += "; nobody can change it (chattr +i or +a)";
        step.fix = "chattr -ia " + step.path;
        return add(std::move(step));
    }
    if (only_reports()) {
        step.result = SshdResult::would_repair;
        return add(std::move(step));
    }
    const auto failure = apply(kernel_, file, plan(Drift{was, expected, {}}));
    step.after = attributes_of(file.observe());
    step.result = failure ? SshdResult::failed : SshdResult::repaired;
    step.summary += failure ? "; cannot " + failure->doing + ": " + error_text(failure->number)
                            : "; is now " + spell(*step.after);
    add(std::move(step));
}

} // namespace sshpermd
