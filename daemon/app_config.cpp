#include "app.hpp"

#include "event/text.hpp"
#include "events/daemon_event.hpp"
#include "store/accepted_config.hpp"
#include "system/account_database.hpp"
#include "system/config_file.hpp"

#include <spdlog/spdlog.h>

#include <cstddef>
#include <string>
#include <system_error>
#include <utility>

// The app's configuration: what it starts with, what it falls back to, and how it is read again.

namespace sshpermd {
namespace {

/// The message says what is wrong, too: it is also the service's status line, where no error is.
Event rejected(const std::string& problem, const std::string& consequence, Trouble trouble) {
    constexpr std::size_t enough = 300;
    auto event = make_trouble(
        trouble, trouble == Trouble::config_fallback ? Severity::crit : Severity::err,
        consequence + ": " + printable(cut(problem, enough)), EventType::config_rejected);
    event.error = EventError{"bad_config", problem};
    return event;
}

} // namespace

void App::start(LogTarget target) {
    auto candidate = load_or_fall_back();
    set_up_diagnostics(target, candidate.loaded.config.log_level);
    start_with(std::move(candidate));
}

void App::start_with(Candidate candidate) {
    basis_ = candidate.basis;
    unproven_ = std::move(candidate.loaded);
    if (unproven_->config.operation == Operation::repair)
        take_lock();
    files_in_force_ = unproven_->files;
    start_keeping(unproven_->config);
}

App::Candidate App::load_or_fall_back() {
    std::string problem;
    try {
        return {load_config(config_file_), Basis::configured};
    } catch (const ConfigError& error) {
        problem = error.what();
    } catch (const std::system_error& error) {
        problem = error.what();
    }
    return fall_back(problem, Basis::configured);
}

App::Candidate App::fall_back(const std::string& problem, Basis failed) {
    spdlog::error("{}", problem);
    auto last = failed == Basis::configured ? read_accepted(config_file_) : std::nullopt;
    if (last) {
        tell(rejected(problem,
                      "the configuration cannot be used: the last one that could is in force, "
                      "until it is put right (then: systemctl reload sshpermd)",
                      Trouble::config_fallback));
        return {{std::move(*last), {}, {}}, Basis::last_accepted};
    }
    tell(rejected(problem,
                  "the configuration cannot be used: nothing is repaired, drift is only reported "
                  "by the built-in policy, until it is put right (then: systemctl reload sshpermd)",
                  Trouble::config_fallback));
    LayeredConfig built_in;
    built_in.config.operation = Operation::observe;
    return {std::move(built_in), Basis::built_in};
}

/// Until all accounts are known nobody can tell which groups there are. Throws ConfigError.
void App::accept_once_proven() {
    if (!unproven_)
        return;
    if (basis_ == Basis::configured) {
        try {
            require_groups(*unproven_, *accounts_);
        } catch (const ConfigError&) {
            if (accounts_->has_everybody())
                throw;
            return;
        }
        accept(unproven_->config);
    }
    unproven_.reset();
}

/// It is brought to the disk by the recording thread.
void App::accept(const Config& config) {
    config_is_good();
    remembering_->accept(config, config_file_);
    events_.sync_soon();
}

void App::reload() {
    reload_due_.reset();
    try {
        reload_due_ = load_config(config_file_);
        if (!accounts_)
            return roll_call_->ask();
        require_groups(*reload_due_, *accounts_);
    } catch (const ConfigError& error) {
        if (!reload_due_)
            return reject_reload(error.what());
        return roll_call_->ask(); // a group may be new
    } catch (const std::exception& error) {
        return reject_reload(error.what());
    }
    reload_with(*std::exchange(reload_due_, std::nullopt));
}

void App::reload_with(const LayeredConfig& loaded) {
    const auto& config = loaded.config;
    try {
        if (config.operation == Operation::repair && !lock_)
            take_lock();
    } catch (const std::exception& error) {
        return reject_reload(error.what());
    }
    if (config.operation == Operation::observe)
        release_lock();
    const bool has_moved = config.socket != config_.socket;
    start_keeping(config); // what it throws ends the daemon: nobody is left to keep anything
    files_in_force_ = loaded.files;
    basis_ = Basis::configured;
    unproven_.reset();
    accept(config);
    events_.write(
        make_event(EventType::config_reloaded, Severity::info, "the configuration was read again"));
    answer_reload(Done{});
    if (has_moved)
        server_.reset();
    hand_over_accounts();
    roll_call_->ask(); // other home roots, other people
}

void App::reject_reload(const std::string& problem) {
    tell(rejected(problem, "the new configuration cannot be used; the one in force stays",
                  Trouble::config_rejected));
    say_status_soon();
    answer_reload(Problem{422, problem});
}

} // namespace sshpermd
