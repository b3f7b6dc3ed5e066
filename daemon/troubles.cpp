#include "troubles.hpp"

#include <algorithm>
#include <utility>

namespace sshpermd {
namespace {

auto is_about(Trouble trouble, const std::string& path) {
    return [trouble, &path](const Degradation& one) {
        return one.trouble == trouble && one.path == path;
    };
}

/// Only a keeper knows of these.
bool is_keepers(Trouble trouble) {
    switch (trouble) {
    case Trouble::home_root_missing:
    case Trouble::no_inotify:
    case Trouble::watch_limit:
    case Trouble::watch_lost:
    case Trouble::watch_dead:
    case Trouble::watch_untested: return true;
    default: return false;
    }
}

/// What an operator or a machine did just now is answered each time.
bool is_always_told(EventType type) {
    return type == EventType::config_rejected || type == EventType::log_dropped ||
           type == EventType::daemon_paused;
}

} // namespace

bool Troubles::take_note(const Event& event) {
    if (!event.trouble)
        return true;
    const auto path = event.file ? event.file->path : std::string{};
    const auto is_known = has(*event.trouble, path);
    if (event.type == EventType::daemon_recovered || event.type == EventType::daemon_resumed) {
        end(*event.trouble, path);
        return is_known;
    }
    const auto doubted =
        std::find_if(doubted_.begin(), doubted_.end(), is_about(*event.trouble, path));
    Degradation now{*event.trouble, path, event.severity, event.message,
                    std::chrono::system_clock::now()};
    if (doubted != doubted_.end()) {
        now.since = doubted->since;
        doubted_.erase(doubted);
        list_.push_back(std::move(now));
        return is_always_told(event.type);
    }
    if (!is_known)
        list_.push_back(std::move(now));
    else
        std::find_if(list_.begin(), list_.end(), is_about(*event.trouble, path))->message =
            event.message;
    return !is_known || is_always_told(event.type);
}

void Troubles::begin(Trouble trouble, Severity severity, std::string message) {
    if (!has(trouble, {}))
        list_.push_back(
            {trouble, {}, severity, std::move(message), std::chrono::system_clock::now()});
}

void Troubles::end(Trouble trouble, const std::string& path) {
    std::erase_if(list_, is_about(trouble, path));
    std::erase_if(doubted_, is_about(trouble, path));
}

bool Troubles::has(Trouble trouble, const std::string& path) const {
    return std::any_of(list_.begin(), list_.end(), is_about(trouble, path)) ||
           std::any_of(doubted_.begin(), doubted_.end(), is_about(trouble, path));
}

void Troubles::doubt() {
    const auto first =
        std::stable_partition(list_.begin(), list_.end(),
                              [](const Degradation& one) { return !is_keepers(one.trouble); });
    doubted_.insert(doubted_.end(), std::make_move_iterator(first),
                    std::make_move_iterator(list_.end()));
    list_.erase(first, list_.end());
}

std::vector<Event> Troubles::settle() {
    std::vector<Event> over;
    for (auto& one : std::exchange(doubted_, {})) {
        Event event;
        event.type = EventType::daemon_recovered;
        event.trouble = one.trouble;
        if (!one.path.empty())
            event.file = FileRef{one.path, {}, {}, {}};
        event.message = "no longer: " + one.message;
        over.push_back(std::move(event));
    }
    return over;
}

std::string Troubles::headline() const {
    const auto is_grave = [](const Degradation& one) { return one.is_grave(); };
    const auto worst = std::find_if(list_.begin(), list_.end(), is_grave);
    if (worst == list_.end())
        return {};
    const auto more = std::count_if(worst + 1, list_.end(), is_grave);
    return "Degraded: " + worst->message +
           (more > 0 ? " (and " + std::to_string(more) + " more)" : "") + "; ";
}

} // namespace sshpermd
