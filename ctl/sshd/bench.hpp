// Bench: the sshd that is being repaired, with what every step of that uses.
#pragma once

#include "explain/sshd_words.hpp"
#include "repairs/recorder.hpp"
#include "sshd/step.hpp"
#include "system/file_trial.hpp"
#include "system/root_file.hpp"
#include "system/sshd_in_force.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

class SshdBench {
  public:
    /// `recorder`: none for a run that only reports.
    explicit SshdBench(Recorder* recorder) : recorder_(recorder) {}

    const SshdInForce& sshd() const { return sshd_; }
    const Kernel& kernel() const { return kernel_; }
    bool only_reports() const { return recorder_ == nullptr; }

    /// Keeps the step; puts one that repaired on record.
    void add(SshdStep step);
    const std::vector<SshdStep>& steps() const { return steps_; }

    /// What `sshd -t` has against a configuration file; nothing when it takes it. With `others` it
    /// is tried as if files had another content, and with a host key of the trial's own: words
    /// about host keys are not heard then. Throws std::runtime_error when it cannot be asked.
    std::optional<SshdComplaint> complaint(const std::string& config) const;
    std::optional<SshdComplaint> complaint_in_trial(const std::string& config,
                                                    const std::vector<OtherContent>& others) const;

    /// The effective configuration for nobody in particular; nothing while sshd cannot say.
    std::optional<std::string> settings() const;

    void set(SshdStep step, const Handle& file, const Expected& expected);

  private:
    std::vector<std::string> question(const std::string& config) const;

    Recorder* recorder_;
    Kernel kernel_ = Kernel::detect();
    SshdInForce sshd_ = find_sshd_in_force();
    std::vector<SshdStep> steps_;
};

Attributes attributes_of(const Observed& observed);

/// The steps, in this order.
bool check_program(SshdBench& bench); ///< false: nothing else can be looked at
void check_files(SshdBench& bench);
void check_config(SshdBench& bench);
void check_separation_user(SshdBench& bench);
void check_host_keys(SshdBench& bench);
void check_separation_dir(SshdBench& bench);
void check_accepted(SshdBench& bench);
void check_running(SshdBench& bench);

/// The files of the configuration that are looked at: the main one and the *.conf beside it.
std::vector<std::string> sshd_config_paths(const SshdBench& bench);

} // namespace sshpermd
