#include "app.hpp"

#include "daemon_event.hpp"
#include "system/accepted_config.hpp"
#include "system/account_database.hpp"
#include "system/config_file.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <system_error>
#include <utility>

// The app's configuration: what it starts with, what it falls back to, and how it is read again.

namespace sshpermd {
namespace {

Event rejected(const std::string& problem, std::string consequence, Severity severity) {
    auto event = make_event(EventType::config_rejected, severity, std::move(consequence));
    event.error = EventError{"bad_config", problem};
    return event;
}

/// Where the accounts cannot be read at a start, nobody can tell which groups there are.
void require_known_groups(const LayeredConfig& loaded) {
    if (!names_groups(loaded.config))
        return;
    std::shared_ptr<const Accounts> accounts;
    try {
        accounts = read_accounts(loaded.config.home_roots);
    } catch (const std::system_error&) {
        return;
    }
    require_groups(loaded, *accounts);
}

} // namespace

void App::start(LogTarget target) {
    auto candidate = load_or_fall_back();
    set_up_diagnostics(target, candidate.config.log_level);
    for (;;) {
        try {
            if (candidate.config.operation == Operation::repair)
                take_lock(candidate.config);
            start_keeping(candidate.config);
            break;
        } catch (const ConfigError& error) { // it names a group that is not there
            release_lock();
            if (candidate.basis == Basis::built_in)
                throw;
            candidate = fall_back(error.what(), candidate.basis);
        }
    }
    if (candidate.basis == Basis::configured)
        accept(candidate.config);
}

App::Candidate App::load_or_fall_back() {
    std::string problem;
    try {
        auto loaded = load_config(config_file_);
        require_known_groups(loaded);
        return {std::move(loaded.config), Basis::configured};
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
        config_trouble_ = "; the configuration was rejected, the last accepted one is in force";
        events_.write(rejected(problem,
                               "the configuration cannot be used: the last one that could is in "
                               "force, until it is put right (then: systemctl reload sshpermd)",
                               Severity::crit));
        return {std::move(*last), Basis::last_accepted};
    }
    config_trouble_ = "; the configuration was rejected, the built-in one is in force";
    events_.write(
        rejected(problem,
                 "the configuration cannot be used: nothing is repaired, drift is only "
                 "reported by the built-in policy, until it is put right (then: systemctl "
                 "reload sshpermd)",
                 Severity::crit));
    Config built_in;
    built_in.operation = Operation::observe;
    return {std::move(built_in), Basis::built_in};
}

/// It is brought to the disk by the recording thread.
void App::accept(const Config& config) {
    config_trouble_.clear();
    remembering_->accept(config, config_file_);
    events_.sync_soon();
}

void App::reload() {
    LayeredConfig loaded;
    try {
        loaded = load_config(config_file_);
        require_groups(loaded, *read_accounts(loaded.config.home_roots));
        if (loaded.config.operation == Operation::repair && !lock_)
            take_lock(loaded.config);
    } catch (const std::exception& error) {
        if (config_trouble_.empty())
            config_trouble_ = "; the new configuration was rejected, the one before is in force";
        events_.write(rejected(error.what(),
                               "the new configuration cannot be used; the one in force stays",
                               Severity::err));
        return say_status_soon();
    }
    const auto socket = config_.socket;
    if (loaded.config.operation == Operation::observe)
        release_lock();
    start_keeping(loaded.config); // what it throws ends the daemon: nobody is left to keep anything
    accept(loaded.config);
    if (config_.socket != socket) {
        server_.reset();
        open_socket();
    }
    events_.write(
        make_event(EventType::config_reloaded, Severity::info, "the configuration was read again"));
}

} // namespace sshpermd
