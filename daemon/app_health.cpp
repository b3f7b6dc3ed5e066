#include "app.hpp"
#include "events/daemon_event.hpp"

#include <string>
#include <utility>

// The app's health: what is degraded and what is over, and what it says of itself when it is asked.

namespace sshpermd {

/// Everything that the loop has to tell goes through here.
void App::tell(Event event) {
    *news_ = true;
    if (troubles_.take_note(event))
        events_.write(std::move(event));
}

void App::tell_what_is_over() {
    for (auto& event : troubles_.settle())
        events_.write(std::move(event));
}

void App::config_is_good() {
    tell(make_recovery(Trouble::config_rejected, "the configuration can be used, and is"));
    tell(make_recovery(Trouble::config_fallback, "the configuration can be used again, and is"));
}

/// The writer tells of these itself.
void App::look_after_record() {
    constexpr auto trouble = Trouble::record_failing;
    if (events_.losses().record_is_failing)
        troubles_.begin(trouble, Severity::err,
                        "the record (/var/lib/sshpermd/record) takes nothing: repairs go on, "
                        "their events wait in memory; make room on that disk");
    else
        troubles_.end(trouble);
    const auto dropped = events_.losses().dropped;
    if (dropped != dropped_before_)
        troubles_.begin(Trouble::events_dropped, Severity::err,
                        std::to_string(dropped) + " events were dropped since the start: see "
                                                  "log.dropped in the journal and the record");
}

/// That events were dropped is a trouble until a rescan since whose predecessor none was.
void App::look_for_lost_events() {
    look_after_record();
    const auto dropped = events_.losses().dropped;
    if (std::exchange(dropped_before_, dropped) == dropped)
        tell(make_recovery(Trouble::events_dropped, "no event was dropped since the last rescan"));
}

std::string App::status_line() {
    look_after_record();
    return troubles_.headline() + keeper_->summary();
}

Health App::health() {
    auto line = status_line(); // which brings the troubles up to date
    return {is_ok(troubles_.list()), keeper_->first_look_done(),
            std::string{word(config_.operation)}, std::move(line)};
}

Status App::status() {
    look_after_record();
    auto status = keeper_->status();
    status.as_of = std::chrono::system_clock::now();
    status.pause = pause_;
    status.version = SSHPERMD_VERSION;
    status.since = since_;
    status.degraded = troubles_.list();
    status.events_dropped = events_.losses().dropped;
    status.config_is_fallback = troubles_.has(Trouble::config_fallback);
    status.config_files = files_in_force_;
    return status;
}

std::shared_ptr<const Snapshot> App::snapshot() {
    *news_ = false;
    return std::make_shared<const Snapshot>(
        Snapshot{status(), events_.tally(), keeper_->users(), config_text_});
}

} // namespace sshpermd
