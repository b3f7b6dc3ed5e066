#include "repairs/recorder.hpp"

#include "complain.hpp"
#include "event/event_json.hpp"
#include "reconcile/tree_leftover.hpp"
#include "store/journal.hpp"
#include "system/account_database.hpp"

#include <iostream>
#include <system_error>
#include <utility>

namespace sshpermd {

Recorder::Recorder(std::string version, Kept kept)
    : stamper_(Source::sshpermctl, std::move(version)),
      kept_(kept),
      to_journal_(journal_is_running()) {
    if (kept_ != Kept::in_record)
        return;
    try {
        in_flight_.emplace();
    } catch (const std::system_error& error) {
        complain_once(error.what());
    }
}

Recorder::~Recorder() {
    try {
        file_.sync();
    } catch (const std::system_error& error) {
        complain_once(error.what());
    }
}

void Recorder::complain_once(const std::string& problem) {
    if (!std::exchange(complained_, true))
        print_complaint("what is changed may not be in the record: " + problem);
}

void Recorder::tell_of_leftovers(const Config& config) {
    try {
        settle_walk(config);
    } catch (const std::system_error& error) {
        complain_once(error.what());
    }
    if (!in_flight_)
        return;
    const auto leftovers = in_flight_->take_leftovers();
    if (leftovers.empty())
        return;
    const auto accounts = read_accounts(config.home_roots);
    for (const auto& leftover : leftovers)
        record(event_of(leftover, Trigger::command, *accounts));
}

void Recorder::settle_walk(const Config& config) {
    if (!has_leftover_walk())
        return;
    Machine machine;
    const auto accounts = read_accounts(config.home_roots);
    settle_leftover_walk(machine, *accounts, [&](const Event& event) { record(event); });
}

void Recorder::record(const Report& report, const Accounts& accounts) {
    if (const auto event = event_of(report, Trigger::command, accounts))
        record(*event);
    else if (report.slot && in_flight_)
        in_flight_->free(*report.slot);
}

void Recorder::record(const Event& event) {
    const auto line = to_line(event, stamper_.next());
    try {
        if (kept_ != Kept::in_journal_alone)
            file_.append(line + "\n");
        if (event.slot && in_flight_)
            in_flight_->free(*event.slot);
    } catch (const std::system_error& error) {
        complain_once(error.what());
    }
    if (!to_journal_ || !send_to_journal(event, line))
        std::cerr << line << '\n';
}

} // namespace sshpermd
