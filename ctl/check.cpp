#include "check.hpp"

#include "recorder.hpp"
#include "report_json.hpp"
#include "report_text.hpp"
#include "survey.hpp"
#include "system/config_file.hpp"
#include "system/repair_lock.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <variant>

namespace sshpermd {
namespace {

bool was_denied(const Report& report) {
    return report.failure && (report.failure->number == EACCES || report.failure->number == EPERM);
}

bool any(const Survey& survey, bool (*is)(const Report&)) {
    return std::any_of(survey.reports.begin(), survey.reports.end(), is);
}

/// Failures outrank findings: what could not be looked at may be worse than what was.
ExitCode exit_code(const Survey& survey, bool (*is_wrong)(const Report&)) {
    const auto other_failure = [](const Report& report) {
        return report.failure && !was_denied(report);
    };
    if (any(survey, other_failure))
        return ExitCode::failed;
    if (any(survey, was_denied))
        return ExitCode::permission_denied;
    return any(survey, is_wrong) ? ExitCode::wrong : ExitCode::ok;
}

/// A refusal that blocks nobody is listed, and fails no script.
bool harms(const Report& report) {
    return !is_settled(report) && (report.blocks_login == true || report.exposed);
}

bool is_drift(const Report& report) {
    return std::holds_alternative<Drift>(report.finding) && !is_settled(report);
}

bool is_wrong_for_check(const Report& report) { return is_drift(report) || harms(report); }

bool is_unsettled(const Report& report) { return !is_settled(report); }

Keep kept_for(const Options& options) {
    const bool lists_all =
        options.output == Output::json || options.verbosity == Verbosity::verbose;
    return lists_all ? Keep::all : Keep::not_compliant;
}

void print(const Survey& survey, const Options& options) {
    if (options.output == Output::json)
        std::cout << to_json(survey) << '\n';
    else if (options.verbosity != Verbosity::quiet)
        print_report(std::cout, survey, options.verbosity, color_for(options.color));
}

} // namespace

ExitCode check(const Options& options) {
    const auto config = load_config(options.config_file);
    auto result = survey(config, options.users, Hand::look, kept_for(options), {});
    for (auto& report : result.reports)
        report.action = Action::none;
    print(result, options);
    return exit_code(result, is_wrong_for_check);
}

ExitCode repair_dry_run(const Options& options) {
    const auto config = load_config(options.config_file);
    const auto result = survey(config, options.users, Hand::look, kept_for(options), {});
    print(result, options);
    return exit_code(result, is_wrong_for_check);
}

ExitCode repair(const Options& options) {
    const auto config = load_config(options.config_file);
    if (geteuid() != 0) {
        std::cerr << "sshpermctl: repair needs root (check does not): sudo sshpermctl repair\n";
        return ExitCode::permission_denied;
    }
    const auto lock = take_repair_lock();
    if (const auto* const holder = std::get_if<LockHolder>(&lock)) {
        std::cerr << "sshpermctl: sshpermd"
                  << (holder->pid ? " (pid " + std::to_string(*holder->pid) + ")" : "")
                  << " is running and repairs by itself; nothing was changed here.\n"
                     "sshpermctl: see what is left with 'sshpermctl check', or stop the daemon "
                     "first: systemctl stop sshpermd\n";
        return ExitCode::failed;
    }

    Recorder recorder{SSHPERMD_VERSION};
    recorder.tell_of_leftovers(config);
    const auto record = [&](const Report& report, const Accounts& accounts) {
        recorder.record(report, accounts);
    };
    const auto result =
        survey(config, options.users, Hand::repair, Keep::all, record, recorder.in_flight());
    print(result, options);
    return exit_code(result, options.users.empty() ? harms : is_unsettled);
}

} // namespace sshpermd
