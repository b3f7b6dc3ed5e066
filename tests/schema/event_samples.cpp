// Prints one event a line: every type, with everything that an event can carry and without.
#include "event/addition.hpp"
#include "event/event_json.hpp"
#include "event/fight.hpp"
#include "event/key_event.hpp"
#include "event/tree_event.hpp"
#include "event/undo.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace sshpermd;

namespace {

const Account alice{"alice", 1001, 1001, "/home/alice"};
const Account hostile{"a\xff\n\"\x1b[2J\xe2\x80\xae", 4'294'967'293, 65533, "/home/\xff\n"};

const Accounts& machine() {
    static const Accounts accounts{{{"root", 0, 0, "/root"}, alice, hostile},
                                   {{"root", 0, {}}, {"alice", 1001, {}}}};
    return accounts;
}

void print(const Event& event, Source source = Source::daemon) {
    static std::uint64_t seq = 0;
    Stamp stamp;
    stamp.id = "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e";
    stamp.seq = ++seq;
    stamp.time = std::chrono::system_clock::time_point{std::chrono::seconds{1'795'251'600}} +
                 std::chrono::microseconds{seq};
    if (seq % 2 == 0) {
        stamp.boot_id = "441efda31db2411c8744a1462cf4260a";
        stamp.host = "web1";
        stamp.machine = "c8d1bd0a5e1b4d1c9c0f3b6a2a2f9d31";
    }
    stamp.version = "0.1.0";
    stamp.pid = 27;
    stamp.source = source;
    std::cout << to_line(event, stamp) << '\n';
}

/// What a round can report of one target, seen or not.
std::vector<Report> reports_on(Target target, const Account* account, const std::string& path) {
    Report seen;
    seen.target = target;
    seen.account = account;
    seen.path = path;
    seen.expected = {Mode{0700}, account == nullptr ? 0 : account->uid, 0};
    Observed observed;
    observed.type = target == Target::authorized_keys ? FileType::file : FileType::dir;
    observed.mode = Mode{07777};
    observed.owner = 4711;
    observed.group = 1001;
    observed.inode = std::numeric_limits<std::uint64_t>::max();
    observed.links = std::numeric_limits<std::uint32_t>::max();
    seen.observed = observed;
    seen.blocks_login = true;
    seen.exposed = true;

    std::vector<Report> reports;
    reports.reserve(64); // add() gives references
    const auto add = [&](Finding finding, Action action) -> Report& {
        auto report = seen;
        report.finding = std::move(finding);
        report.action = action;
        return reports.emplace_back(std::move(report));
    };
    const Drift drift{observed,
                      seen.expected,
                      {DriftReason::too_open, DriftReason::wrong_owner, DriftReason::too_tight,
                       DriftReason::wrong_group, DriftReason::special_bits}};

    auto& repaired = add(drift, Action::repaired);
    repaired.after = observed;
    repaired.after->mode = Mode{0700};
    repaired.duration = std::chrono::microseconds{11};
    repaired.wrong_for = std::chrono::microseconds{0};
    repaired.handle = std::string(132, '\xff'); // as long as any is
    auto& replaced = add(drift, Action::repaired);
    replaced.after = observed;
    replaced.replaced = true;
    replaced.handle = repaired.handle;
    replaced.content = ContentFacts{"SHA256:" + std::string(43, 'x'),
                                    {ContentFacts::most, "SHA256:" + std::string(43, 'y')},
                                    1'000'000};
    add(drift, Action::withheld).content = replaced.content;
    add(Compliant{}, Action::withheld).content = ContentFacts{};
    add(Refusal{RefusalReason::root_owned_home}, Action::none).managed = true;
    add(drift, Action::would_repair);
    add(drift, Action::none).blocks_login.reset();
    for (const int number : {EROFS, EPERM, EIO, EDQUOT, ESTALE, ENOSYS, EAGAIN, ENOTSUP})
        add(drift, Action::failed).failure = Failure{number, "set the mode"};
    auto& unseen = add(Missing{}, Action::none);
    unseen.observed.reset();
    unseen.blocks_login.reset();
    unseen.failure = Failure{EACCES, "open it"};
    for (const auto reason :
         {RefusalReason::symlink, RefusalReason::wrong_type, RefusalReason::foreign_owner,
          RefusalReason::root_owned_home, RefusalReason::other_file_system,
          RefusalReason::unsafe_root, RefusalReason::ambiguous_account, RefusalReason::immutable,
          RefusalReason::read_only})
        add(Refusal{reason}, Action::none);
    for (const auto type : {FileType::symlink, FileType::fifo, FileType::socket,
                            FileType::character, FileType::block})
        add(Refusal{RefusalReason::wrong_type}, Action::none).observed->type = type;
    return reports;
}

void print_rounds() {
    const std::string long_path = "/home/" + std::string(4000, 'x');
    const std::string bad_path = std::string(4096, '\xff');
    for (const auto target : all_targets)
        for (const auto* const account : {&alice, &hostile})
            for (const auto& path :
                 {std::string{"/home/alice"}, account->home, long_path, bad_path})
                for (auto& report :
                     reports_on(target, target == Target::home_root ? nullptr : account, path))
                    if (const auto event = event_of(report, Trigger::inotify, machine()))
                        print(*event);
    for (const auto trigger :
         {Trigger::startup, Trigger::rescan, Trigger::overflow, Trigger::mount, Trigger::accounts,
          Trigger::retry, Trigger::reload, Trigger::command})
        print(
            *event_of(reports_on(Target::home, &alice, "/home/alice").front(), trigger, machine()),
            trigger == Trigger::command ? Source::sshpermctl : Source::daemon);
}

/// What a killed repairer left: of a home root, of somebody's, changed or perhaps not.
void print_interrupted() {
    for (const auto target : all_targets)
        for (const auto& user : {alice.name, hostile.name}) {
            InterruptedChange change;
            change.user = target == Target::home_root ? "" : user;
            change.target = target;
            change.path = "/home/" + user;
            change.before.mode = Mode{07777};
            change.expected = {Mode{0700}, alice.uid, 4711};
            print(event_of(change, Trigger::startup, machine()));
            change.after = change.before;
            change.time_us = 1'795'251'600'000'000;
            print(event_of(change, Trigger::startup, machine()));
        }
}

/// What somebody keeps undoing: with an override that keeps it, and without.
void print_fights() {
    for (const auto target :
         {Target::home_root, Target::home, Target::ssh_dir, Target::authorized_keys})
        for (const auto* const account : {&alice, &hostile})
            for (const unsigned mode : {07777U, 0755U})
                for (auto& report : reports_on(
                         target, target == Target::home_root ? nullptr : account, account->home)) {
                    report.observed->mode = Mode{mode};
                    report.observed->owner = report.expected.owner;
                    if (report.after)
                        print(fight_of(report, *event_of(report, Trigger::inotify, machine()), 5,
                                       {}, machine()));
                }
}

/// A key of an ordinary account, and one whose every word is as long as it can be.
void print_keys() {
    Addition addition;
    addition.user = alice.name;
    addition.path = "/home/alice/.ssh/authorized_keys";
    addition.key = KeyRef{"SHA256:" + std::string(43, 'x'), "ssh-ed25519", 256, "", "alice"};
    addition.result = AdditionResult::added;
    Report made;
    print(event_of(addition, made, Trigger::command));
    made.account = &hostile;
    addition.user = hostile.name;
    addition.path = "/home/" + std::string(4000, '\xff');
    addition.key->options = std::string(5000, '"');
    addition.key->comment = std::string(5000, '\xff');
    auto event = event_of(addition, made, Trigger::command);
    event.request = Asker{0, 0, 4711};
    print(event);
}

/// What was undone: of an account and of a home root, with names that are nobody's and too long.
void print_undone() {
    for (const auto* const account : {&alice, &hostile, static_cast<const Account*>(nullptr)}) {
        Undo undo;
        undo.event = "9d1c6d06-4d7e-4d4d-8f43-7b8f7b8e6f0e";
        undo.target = account == nullptr ? Target::home_root : Target::ssh_dir;
        undo.path = account == &hostile ? std::string(4000, '\xff') : "/home";
        undo.before = attributes_of(Expected{Mode{0700}, 0, 0}, machine());
        undo.after = attributes_of(Expected{Mode{0755}, hostile.uid, 1001}, machine());
        undo.dropped = account == nullptr ? "" : "6000";
        Report made;
        made.target = *undo.target;
        made.account = account;
        print(event_of(undo, made, Trigger::command), Source::sshpermctl);
        made.observed.emplace();
        made.handle = std::string(132, '\xff');
        auto event = event_of(undo, made, Trigger::command);
        event.request = Asker{0, 0, 4711};
        print(event);
    }
}

/// Of one line and one key, and of more than fit.
void print_key_news() {
    for (const std::size_t count : {1U, 16U, 17U, 5000U}) {
        KeyNews news;
        news.file = count == 1 ? "authorized_keys" : std::string(255, '"');
        news.appeared.assign(count, "SHA256:" + std::string(43, 'x'));
        news.gone.assign(count - 1, "SHA256:" + std::string(43, 'y'));
        news.ignored.assign(count, {count, Ignored::byte_order_mark});
        for (const auto* const account : {&alice, &hostile})
            for (const auto& event :
                 events_of(news, *account, "/home/" + account->name, Trigger::inotify))
                print(event);
    }
}

/// What was handed over below a home: one file, a run of many, and more than one line has room for.
void print_trees() {
    for (const auto* const account : {&alice, &hostile})
        for (const std::uint32_t count : {1U, 4096U}) {
            const TreeOwner whose{account->name, account->home, account->uid, account->gid};
            std::vector<TreeChange> runs;
            std::vector<TreeChange> scattered;
            for (std::uint32_t i = 0; i < count; ++i) {
                runs.push_back({1000 + i, 1005, 1005});
                scattered.push_back({~std::uint64_t{0} - 2 * i, 4294967290U - i, i});
            }
            for (const auto& changes : {runs, scattered}) {
                for (const auto& event : events_of(whose, changes, machine()))
                    print(event);
                for (const auto& event :
                     events_of_interrupted(whose, changes, account->home, machine()))
                    print(event);
            }
            for (const auto& event : events_of_interrupted(whose, {}, account->home, machine()))
                print(event);
        }
}

/// A home and a `.ssh` that were made.
void print_created() {
    for (const auto* const account : {&alice, &hostile})
        for (const auto target : {Target::home, Target::ssh_dir}) {
            Event event;
            event.type = EventType::home_created;
            event.severity = Severity::notice;
            event.outcome = Outcome::repaired;
            event.message = "a home was made";
            event.trigger = Trigger::command;
            event.target = target;
            event.user = UserRef{account->name, account->uid};
            event.file = FileRef{account->home, FileType::dir, std::nullopt, std::nullopt};
            event.expected = Attributes{Mode{0700}, {account->uid, account->name}, {0, {}}};
            print(event);
            const TreeOwner whose{account->name, account->home, account->uid, account->gid};
            const Expected expected{Mode{0700}, account->uid, account->gid};
            print(event_of_made(whose, target, expected, machine()));
            for (const bool is_there : {true, false})
                print(event_of_interrupted(whose, target, expected, is_there, machine()));
        }
}

void print_sshd_repairs() {
    Event event;
    event.type = EventType::sshd_repaired;
    event.severity = Severity::notice;
    event.outcome = Outcome::repaired;
    event.trigger = Trigger::command;
    event.message = "of sshd itself: the account sshd is missing; useradd has added it";
    print(event, Source::sshpermctl);
    event.file = FileRef{"/etc/ssh/ssh_host_\xff_key", {}, {}, {}};
    event.before = Attributes{Mode{0644}, {0, "root"}, {4711, std::nullopt}};
    event.after = Attributes{Mode{0600}, {0, "root"}, {0, "root"}};
    print(event, Source::sshpermctl);
}

/// The events of the daemon itself: each type, bare and with all that the daemon adds somewhere.
void print_own() {
    for (int i = 0; i < static_cast<int>(event_types); ++i) {
        Event event;
        event.type = static_cast<EventType>(i);
        event.message = "one sentence";
        const bool is_of_a_target =
            event.type == EventType::permission_repaired ||
            event.type == EventType::repair_refused || event.type == EventType::repair_failed ||
            event.type == EventType::repair_withheld ||
            event.type == EventType::repair_interrupted ||
            event.type == EventType::drift_detected || event.type == EventType::fight_noticed ||
            event.type == EventType::key_added || event.type == EventType::keys_changed ||
            event.type == EventType::keys_unusable || event.type == EventType::tree_repaired ||
            event.type == EventType::home_created || event.type == EventType::repair_undone ||
            event.type == EventType::sshd_repaired;
        if (is_of_a_target)
            continue;
        for (const auto severity : {Severity::crit, Severity::err, Severity::warning,
                                    Severity::notice, Severity::info, Severity::debug}) {
            event.severity = severity;
            print(event);
        }
        event.message = std::string(1000, '\x1b');
        event.user = UserRef{hostile.name, std::nullopt};
        event.target = Target::ssh_dir;
        event.file = FileRef{"/home/\xff/.ssh", {}, {}, {}};
        event.error = EventError{"ENOSPC", std::string(1000, '"')};
        event.trigger = Trigger::rescan;
        event.request = Asker{4'294'967'293, 65533, 4711};
        event.duration = std::chrono::microseconds{0};
        event.suppressed = 4711;
        event.missed_by_events = 2;
        event.lost_since = std::chrono::system_clock::time_point{};
        for (int trouble = 0; trouble < static_cast<int>(all_troubles); ++trouble) {
            event.trouble = static_cast<Trouble>(trouble);
            print(event);
        }
    }
}

} // namespace

int main() {
    print_sshd_repairs();
    print_rounds();
    print_interrupted();
    print_fights();
    print_keys();
    print_undone();
    print_key_news();
    print_trees();
    print_created();
    print_own();
}
