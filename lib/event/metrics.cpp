#include "event/metrics.hpp"

#include "policy/config.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <utility>

namespace sshpermd {
namespace {

using std::chrono::microseconds;

std::string seconds_text(microseconds time) {
    constexpr std::int64_t million = 1'000'000;
    auto fraction = std::to_string(million + time.count() % million);
    fraction.front() = '.';
    while (fraction.back() == '0')
        fraction.pop_back();
    return std::to_string(time.count() / million) + (fraction == "." ? "" : fraction);
}

std::string seconds_text(std::chrono::system_clock::time_point time) {
    return seconds_text(std::chrono::duration_cast<microseconds>(time.time_since_epoch()));
}

/// A metric and its series, one after the other.
class Page {
  public:
    void begin(std::string_view name, std::string_view type, std::string_view help) {
        name_ = "sshpermd_" + std::string{name};
        text_ += "# HELP " + name_ + " " + std::string{help} + "\n# TYPE " + name_ + " " +
                 std::string{type} + "\n";
    }
    void add(const std::string& value) { text_ += name_ + " " + value + "\n"; }
    void add(std::string_view label, std::string_view word, const std::string& value,
             std::string_view suffix = {}) {
        text_ += name_ + std::string{suffix} + "{" + std::string{label} + "=\"" +
                 std::string{word} + "\"} " + value + "\n";
    }
    void add_part(std::string_view suffix, const std::string& value) {
        text_ += name_ + std::string{suffix} + " " + value + "\n";
    }
    void one(std::string_view name, std::string_view type, std::string_view help,
             const std::string& value) {
        begin(name, type, help);
        add(value);
    }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    std::string name_;
};

/// A version is a fixed word of ours, but nothing may break a line.
std::string escaped(const std::string& text) {
    std::string result;
    std::copy_if(text.begin(), text.end(), std::back_inserter(result),
                 [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
    return result;
}

std::string flag(bool is) { return is ? "1" : "0"; }

void add_state(Page& page, const Status& status) {
    page.begin("build_info", "gauge", "What runs.");
    page.add("version", escaped(status.version), "1");
    page.one("start_time_seconds", "gauge", "When the daemon was started, since 1970.",
             seconds_text(status.since));
    page.one("ready", "gauge", "1 once everybody was looked at.", flag(status.ready));
    page.one("ok", "gauge", "1 while nothing keeps the daemon from doing all of its job.",
             flag(is_ok(status.degraded)));
    page.one("repairing", "gauge", "1 in repair mode, 0 in observe mode.",
             flag(status.mode == word(Operation::repair)));
    page.one("paused", "gauge", "1 while an operator has paused repairs.",
             flag(status.pause.has_value()));
    page.one("config_fallback", "gauge",
             "1 while another configuration than that of the files is in force.",
             flag(status.config_is_fallback));
    page.begin("degraded", "gauge", "1 for each trouble that lasts.");
    for (std::size_t i = 0; i < all_troubles; ++i) {
        const auto trouble = static_cast<Trouble>(i);
        const bool lasts =
            std::any_of(status.degraded.begin(), status.degraded.end(),
                        [&](const Degradation& one) { return one.trouble == trouble; });
        page.add("reason", word(trouble), flag(lasts));
    }
}

void add_accounts(Page& page, const Status& status) {
    page.begin("accounts", "gauge", "Accounts by how they stand.");
    for (std::size_t state = 0; state < user_states; ++state)
        page.add("state", word(static_cast<UserState>(state)),
                 std::to_string(status.users.at(state)));
    page.one("targets_left", "gauge", "Targets that are wrong and left as they are.",
             std::to_string(status.left));
}

void add_events(Page& page, const Status& status, const Tally& tally) {
    page.begin("repairs_total", "counter", "Repairs, by what was repaired.");
    for (const auto target : all_targets)
        page.add("target", word(target),
                 std::to_string(tally.repairs.at(static_cast<std::size_t>(target))));
    page.begin("events_total", "counter", "Events, by their type.");
    for (std::size_t i = 0; i < event_types; ++i)
        page.add("event", word(static_cast<EventType>(i)), std::to_string(tally.events.at(i)));
    page.one("missed_by_events_total", "counter",
             "Drifts of watched accounts that no event had announced.",
             std::to_string(status.missed_by_events));
    page.one("events_dropped_total", "counter",
             "Events that are not in the record, or were not sent to the journal.",
             std::to_string(status.events_dropped));
}

void add_watches(Page& page, const WatchCounts& watches) {
    page.begin("watches", "gauge", "inotify watches.");
    using Series = std::pair<std::string_view, std::size_t>;
    for (const auto& [kind, count] :
         {Series{"used", watches.used}, Series{"limit", watches.limit},
          Series{"allowed", watches.allowed}, Series{"needed", watches.need}})
        page.add("kind", kind, std::to_string(count));
    page.one("watches_rebuilt_total", "counter", "How often all watches were set anew.",
             std::to_string(watches.rebuilt));
}

void add_times(Page& page, const Status& status, const WrongTimes& times) {
    const auto look = status.last_look.value_or(FullLookTimes{});
    page.one("scan_duration_seconds", "gauge", "How long the last look at everybody took.",
             seconds_text(look.took));
    page.one("last_scan_timestamp_seconds", "gauge",
             "When the last look at everybody was done, since 1970; 0: none yet.",
             seconds_text(look.done));
    page.begin("wrong_seconds", "histogram",
               "How long a target was wrong before it was put right, by its ctime.");
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < WrongTimes::bounds.size(); ++i) {
        below += times.counts.at(i);
        page.add("le", seconds_text(WrongTimes::bounds.at(i)), std::to_string(below), "_bucket");
    }
    below += times.counts.back();
    page.add("le", "+Inf", std::to_string(below), "_bucket");
    page.add_part("_sum", seconds_text(times.sum));
    page.add_part("_count", std::to_string(below));
}

} // namespace

std::string to_metrics(const Status& status, const Tally& tally) {
    Page page;
    add_state(page, status);
    add_accounts(page, status);
    add_events(page, status, tally);
    add_watches(page, status.watches);
    add_times(page, status, tally.wrong_times);
    return page.take();
}

} // namespace sshpermd
