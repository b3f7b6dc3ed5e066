#include "keeper/ledger.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace sshpermd {
namespace {

constexpr unsigned events_a_minute = 20;

std::size_t digest_of(const Report& report) {
    std::size_t digest = report.finding.index();
    const auto mix = [&](std::uint64_t value) {
        digest = digest * 1'000'003 ^ std::hash<std::uint64_t>{}(value);
    };
    if (report.action == Action::withheld) { // what it was before it was closed is no news
        digest = 0;
        mix(report.observed ? report.observed->inode : 0);
        return digest;
    }
    if (const auto* const refusal = std::get_if<Refusal>(&report.finding))
        mix(static_cast<std::uint64_t>(refusal->reason));
    if (report.observed) {
        mix(report.observed->mode.bits());
        mix(report.observed->owner);
        mix(report.observed->group);
        mix(report.observed->inode);
    }
    mix(report.failure ? static_cast<std::uint64_t>(report.failure->number) : 0);
    return digest;
}

/// All private keys of an account are paced as one: who repairs a new name each time is as busy.
std::string paced_as(const Report& report) {
    const auto dir = report.path.substr(0, report.path.rfind('/'));
    return report.target == Target::private_key ? dir + "/id_*" : report.path;
}

} // namespace

bool Ledger::is_news(const Report& report, Clock::time_point now) {
    const bool is_right = is_settled(report);
    if (is_right && !pages_)
        return report.action == Action::repaired;
    auto& all = pages_.make().said;
    auto said = std::find_if(all.begin(), all.end(),
                             [&](const Said& one) { return one.path == report.path; });
    if (is_right) {
        if (said != all.end())
            all.erase(said);
        return report.action == Action::repaired;
    }

    const auto digest = digest_of(report);
    if (said != all.end() && said->digest == digest)
        return false;
    if (said == all.end())
        said = all.insert(said, {report.path, report.target, digest});
    said->digest = digest;

    if (may_tell(now))
        return true;
    said->digest = ~digest; // not said yet
    return false;
}

bool Ledger::may_tell(Clock::time_point now) {
    auto& here = pages_.make();
    if (now - here.minute > std::chrono::minutes{1}) {
        here.minute = now;
        here.in_minute = 0;
    }
    if (++here.in_minute <= events_a_minute)
        return true;
    ++here.held_back;
    return false;
}

std::uint64_t Ledger::take_suppressed() { return pages_ ? std::exchange(pages_->held_back, 0) : 0; }

bool Ledger::is_flapping() const {
    return pages_ && std::any_of(pages_->paces.begin(), pages_->paces.end(),
                                 [](const Paced& one) { return one.pace.flapping(); });
}

std::vector<std::string> Ledger::open_paths() const {
    std::vector<std::string> paths;
    if (pages_)
        for (const auto& said : pages_->said)
            paths.push_back(said.path);
    return paths;
}

bool Ledger::is_open(const std::string& path) const {
    return pages_ && std::any_of(pages_->said.begin(), pages_->said.end(),
                                 [&](const Said& one) { return one.path == path; });
}

void Ledger::forget_absent(const std::vector<Report>& found) {
    if (!pages_)
        return;
    std::erase_if(pages_->said, [&](const Said& one) {
        return is_client_side(one.target) &&
               std::none_of(found.begin(), found.end(),
                            [&](const Report& report) { return report.path == one.path; });
    });
}

Pace* Ledger::pace_of(const Report& report) {
    if (!pages_ || pages_->paces.empty())
        return nullptr;
    auto& paces = pages_->paces;
    const auto path = paced_as(report);
    const auto found = std::find_if(paces.begin(), paces.end(),
                                    [&](const Paced& one) { return one.path == path; });
    return found == paces.end() ? nullptr : &found->pace;
}

Ledger::Clock::time_point Ledger::due(const Report& report, Clock::time_point now) {
    auto* const pace = pace_of(report);
    if (pace == nullptr)
        return now;
    const auto due = pace->due(now);
    if (due > now)
        pace->suppressed();
    return due;
}

Ledger::Flapping Ledger::repaired(const Report& report, Clock::time_point now,
                                  const Config::Flap& flap) {
    auto* pace = pace_of(report);
    if (pace == nullptr)
        pace = &pages_.make().paces.emplace_back(Paced{paced_as(report), report.target, {}}).pace;
    const bool started = pace->repaired(now, flap) == Pace::Change::started;
    return {started, pace->take_suppressed()};
}

std::vector<Ledger::Ended> Ledger::settle(Clock::time_point now, const Config::Flap& flap) {
    std::vector<Ended> ended;
    if (!pages_)
        return ended;
    std::erase_if(pages_->paces, [&](const Paced& one) {
        if (one.pace.quiet_from(flap) > now)
            return false;
        if (one.pace.flapping())
            ended.push_back({one.path, one.target, one.pace.suppressed_count()});
        return true;
    });
    return ended;
}

std::optional<Ledger::Clock::time_point> Ledger::next_settling(const Config::Flap& flap) const {
    std::optional<Clock::time_point> next;
    if (!pages_)
        return next;
    for (const auto& one : pages_->paces)
        if (one.pace.flapping() && (!next || one.pace.quiet_from(flap) < *next))
            next = one.pace.quiet_from(flap);
    return next;
}

} // namespace sshpermd
