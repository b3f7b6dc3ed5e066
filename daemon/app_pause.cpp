#include "app.hpp"
#include "event/event_json.hpp"
#include "event/text.hpp"
#include "events/daemon_event.hpp"

#include <optional>
#include <string>
#include <utility>

// The app's answers to operators who change something: pause, resume, reload; and what is said of
// those who may not.

namespace sshpermd {
namespace {

std::string spell(const Asker& asker, const Accounts* accounts) {
    const auto name = accounts == nullptr ? std::nullopt : accounts->user_name(asker.uid);
    return "uid " + std::to_string(asker.uid) +
           (name ? " (" + printable(std::string{*name}) + ")" : "");
}

} // namespace

/// One that is under way is replaced.
void App::pause(const AskedPause& asked, const Reply& reply) {
    if (config_.operation != Operation::repair)
        return reply(Problem{409, "this daemon only observes: there is nothing to pause"});
    const auto until = std::chrono::system_clock::now() + asked.pause.length;
    pause_ = Pause{until, asked.pause.reason};
    keeper_->pause(true);
    auto event = make_trouble(Trouble::paused, Severity::warning,
                              "repairs are paused until " + to_rfc3339(until) +
                                  ", drift is only reported: " + printable(asked.pause.reason),
                              EventType::daemon_paused);
    event.request = asked.asker;
    tell(std::move(event));
    pause_end_.expires_after(asked.pause.length);
    pause_end_.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            resume(std::nullopt);
    });
    say_status_soon();
    reply(*pause_);
}

/// By somebody, or because its time is over.
void App::resume(std::optional<Asker> asker) {
    if (!std::exchange(pause_, std::nullopt))
        return;
    pause_end_.cancel();
    keeper_->pause(false);
    auto event = make_trouble(Trouble::paused, Severity::info,
                              std::string{"repairs are made again"} +
                                  (asker ? "" : ": the pause has ended by itself"),
                              EventType::daemon_resumed);
    event.request = asker;
    tell(std::move(event));
    work_soon();
}

void App::answer_reload(const Answer& answer) {
    for (const auto& reply : std::exchange(reload_replies_, {}))
        reply(answer);
}

void App::tell_denial(const Denial& denial) {
    auto event = make_event(EventType::request_denied, Severity::warning,
                            spell(denial.asker, accounts_.get()) + " may not ask for " +
                                printable(denial.what) + " at the status socket");
    event.request = denial.asker;
    if (denial.suppressed > 0)
        event.suppressed = denial.suppressed;
    tell(std::move(event));
}

} // namespace sshpermd
