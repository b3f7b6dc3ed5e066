// Keeper: knows every home root and account, who is to be looked at, and keeps them right.
#pragma once

#include "event/event.hpp"
#include "event/status.hpp"
#include "exchange.hpp"
#include "keeper/budget.hpp"
#include "keeper/canary.hpp"
#include "keeper/ledger.hpp"
#include "keeper/lookout.hpp"
#include "keeper/storm.hpp"
#include "keeper/waiting_list.hpp"
#include "keeper/watcher.hpp"
#include "policy/config.hpp"
#include "policy/homes.hpp"
#include "policy/name_index.hpp"
#include "reconcile/round.hpp"
#include "system/machine.hpp"
#include "system/watch_limit.hpp"
#include "watch/allowance.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// The daemon without its event loop: single-threaded, never blocks on anybody but the file system.
/// An event only marks an account dirty; reconcile() is the one operation.
///
/// A round looks, judges, repairs, and then sets the watches again. If that gave no new watch,
/// every directory of the round was watched since before the look, so nothing after the look can go
/// unnoticed; if it did, the round is repeated. The last look always comes after the watches.
class Keeper {
  public:
    using Clock = std::chrono::steady_clock;
    using Tell = std::function<void(Event)>;
    using AskAccounts = std::function<void()>;
    using Wake = std::function<void()>;

    /// Looks after nobody until it is given accounts. Asks for a new reading of them whenever they
    /// may have changed. Without inotify (its instance limit reached) everything is polled.
    /// Changes are noted in `in_flight`, if there is one; it outlives the keeper. So does the
    /// memory. `wake` is called by other threads when work() has something to do again.
    /// `account_stamp`: of stamp_of_account_files(), before the accounts that come were asked for.
    Keeper(const Config& config, Memory& memory, Tell tell, AskAccounts ask_accounts, Wake wake,
           InFlight* in_flight = nullptr, std::string account_stamp = {});

    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper();

    /// The inotify descriptor; -1 when there is none.
    int inotify_fd() const;

    /// From now on these are the accounts; the first make it look at everybody. Throws ConfigError,
    /// and stays without them, when the configuration names a group that they do not have; not for
    /// accounts that are not everybody's: those are then no accounts for it.
    void take_accounts(std::shared_ptr<const Accounts> accounts);

    /// Carries out what was put off because it asks for somebody unknown: the wait is over.
    void stop_waiting_for_accounts();

    /// Reads all events that wait and marks whom they concern. Never repairs.
    void drain();

    /// When to drain again, at the earliest: now, but while much is reported that concerns nobody
    /// up to two thirds of a millisecond later, when the kernel has merged what says the same.
    Clock::time_point next_drain() const;

    /// Marks everybody to be looked at.
    void look_at_all(Trigger trigger);

    /// The same, but after one such look at most every second, or four times its duration: what
    /// others can cause as often as they like must not keep us from everything else.
    void look_at_all_in_time(Trigger trigger);

    /// Marks those that could not be watched.
    void look_at_polled();

    /// Repairs the accounts asked for, work() by work(), ahead of any look at everybody and
    /// whatever delay they are under; then replies with what was found, or says why not.
    void repair(RepairRequest request, Reply reply);

    /// Repairs the account in the same way, then adds a key to a file of it, and replies with what
    /// came of that. With mode observe it replies with Problem 409.
    void add_key(AskedKey asked, Reply reply);

    /// Takes a repair back and repairs nothing else, then replies with what came of it. With mode
    /// observe it replies with Problem 409.
    void undo(AskedUndo asked, Reply reply);

    /// Looks at the accounts asked for as they are, changes nothing and tells nobody else; then
    /// replies: with Problem 503 when too many wait already. Asks for no accounts.
    void check(CheckRequest request, Reply reply);

    /// Nothing is repaired, but what an operator asks for, until this is false again.
    void pause(bool is_paused);

    /// How one account stands; a Problem when it is not known.
    Answer user(const std::string& name);

    /// How all stand.
    UserList users();

    /// Accounts as if never seen, from now on.
    void forget(const ForgetRequest& request);

    enum class Progress { more, idle };

    /// Does what is marked until it is done or the deadline has passed.
    Progress work(Clock::time_point deadline);

    /// When work() has something to do again without any event, if ever.
    std::optional<Clock::time_point> next_due() const;

    bool first_look_done() const { return first_look_done_; }
    bool has_polled() const { return polled_ > 0; }

    /// One line for a person.
    std::string summary() const;

    /// All that the keeper knows of a status.
    Status status();

    /// The events stayed away, or there never was a watch: no descriptor of the old one may be
    /// open any more when watch_anew() is called.
    bool wants_new_watch() const { return wants_new_watch_; }

    /// Another inotify descriptor, if there can be one, and a look at everybody.
    void watch_anew();

  private:
    struct HomeRoot;
    struct Inhabitant;
    struct FullLook;
    struct OpenRoots;
    struct Errand;
    class Surprise;

    /// Whom an alarm is for.
    struct Who {
        enum class Kind { root, inhabitant };
        Kind kind;
        std::uint32_t id;
    };

    Inhabitant* called(std::string_view name) const;
    Inhabitant* living_at(std::string_view path) const;
    const std::string* first_unknown(const std::vector<std::string>& users) const;
    void mark(std::uint32_t id, Trigger trigger);
    void mark_root(std::uint32_t id, Trigger trigger);
    bool someone_was_looked_at() const;
    std::unique_ptr<Lookout> make_lookout(Trigger trigger);
    static std::optional<Lookout::Sight> sight_of(const Inhabitant& inhabitant,
                                                  const RootRound& root, bool sets_watches);
    void take_batch(Lookout::Batch batch);
    void take_sight(Lookout::Sight sight);
    bool claim_watches(Inhabitant& inhabitant, const Lookout::Sight& sight);
    void stands(Inhabitant& inhabitant, UserState state);
    bool step_full_look(OpenRoots& open);
    bool step_by_glances(OpenRoots& open);
    void send_out(FullLook& look, OpenRoots& open);
    void look_closely(std::uint32_t id, std::optional<Glimpse> now, OpenRoots& open);
    void mark_below(std::uint32_t root, Trigger trigger);
    void hear(Place place, const Meaning& meaning, std::string_view name);
    void hear_home(Inhabitant& inhabitant, std::optional<Target> appeared);
    void appeared(Inhabitant& inhabitant, Target from, Clock::time_point now);
    void mark_heard(Inhabitant& inhabitant);
    void leave_unwatched(const std::vector<Place>& noisy);
    bool is_too_noisy(Inhabitant& inhabitant);
    void overflowed();
    void accounts_may_have_changed();
    void ask_accounts();

    void settle_homes(const std::vector<Home>& homes, Trigger trigger);
    void forget_departed();
    void take_in(Home home, Trigger trigger);
    void let_go(std::uint32_t id);
    void wake_the_due();
    void reconcile_root(std::uint32_t id, OpenRoots& open);
    bool reconcile(Inhabitant& inhabitant, OpenRoots& open);
    RootRound& open_root(std::uint32_t id, OpenRoots& open);
    RootRound& look_at_root(std::uint32_t id, OpenRoots& open, Trigger trigger, Round::Gate gate,
                            Hand hand);
    static Problem only_observes();
    void begin(std::unique_ptr<Errand> errand);
    void accept(std::unique_ptr<Errand> errand);
    void run_errand(OpenRoots& open);
    void repair_root_now(Errand& errand, std::uint32_t id, OpenRoots& open);
    void repair_home_now(Errand& errand, Inhabitant& inhabitant, OpenRoots& open);
    void add_key_now(Errand& errand, Inhabitant& inhabitant, OpenRoots& open,
                     const HomeRound& found);
    void run_undo(OpenRoots& open);
    Undo undo_now(const AskedUndo& asked, std::uint32_t root, Inhabitant* inhabitant,
                  OpenRoots& open);
    void check_root(Errand& errand, std::uint32_t id);
    void check_home(Errand& errand, Inhabitant& inhabitant, OpenRoots& open);
    Hand hand() const;
    Round make_round(Round::Gate gate, Hand hand);
    Learn what_to_learn(Inhabitant& inhabitant, Who who);
    void make_watcher();
    void prepare_watches(Trigger trigger);
    void watch_account_files(Trigger trigger);
    void watch_canary();
    void test_watch();
    void tell_untested(const std::error_code& error);
    void hear_canary();
    void watch_died();
    Allowance allowance() const;
    void require_allowance(int wd, PlaceKind kind) const;
    bool watch_root(std::uint32_t id, const RootRound& round);
    bool watch_home(Inhabitant& inhabitant, const RootRound& root, const HomeRound& round);
    bool watch(int& wd, const Handle* dir, Place place, std::uint32_t more_mask = 0);
    bool may_repair(const Report& report, Who who, Ledger& ledger,
                    std::optional<Clock::time_point> settled_at);
    std::optional<Clock::time_point>& alarm_of(Who who);
    void try_again(Who who, Patience& pause, bool was_denied);
    void wake_at(Clock::time_point time, Who who);
    void tell_of(const Report& report, Trigger trigger, Ledger& ledger);
    void tell_of_keys(Inhabitant& inhabitant, Trigger trigger);
    void tell_fight(Event fight);
    void tell_flapping_ended(const Account* account, Ledger& ledger, Who who);
    void tell_of_presence(HomeRoot& root, bool present);
    void tell_unwatched(const std::error_code& error, Place place);
    void tell_of_watches_again();
    void tell_of_proc();
    void note_repair(const Report& report, const std::optional<Event>& event);
    void note_state(Inhabitant& inhabitant, const RootRound& root, const HomeRound& found);
    std::size_t count_ignored();
    std::shared_ptr<const UserList::Roster> roster();
    void finish_full_look();

    Config config_;
    Memory& memory_;
    Tell tell_;
    AskAccounts ask_accounts_;
    Wake wake_;
    Machine machine_;
    std::unique_ptr<Watcher> watcher_;
    std::shared_ptr<const Accounts> accounts_;
    std::size_t most_accounts_ = 0; ///< that there ever were
    gid_t root_group_ = 0;

    std::vector<std::unique_ptr<HomeRoot>> roots_;
    std::vector<std::unique_ptr<Inhabitant>> inhabitants_; ///< by id; null where one has gone
    std::vector<std::uint32_t> free_ids_;
    NameIndex by_name_; ///< account name → id
    NameIndex by_path_; ///< ROOT/NAME → id, unshared homes

    std::deque<std::uint32_t> urgent_roots_;
    WaitingList urgent_;
    std::deque<std::unique_ptr<Errand>> errands_;
    std::vector<std::unique_ptr<Errand>> put_off_; ///< until the accounts were read again
    std::unique_ptr<FullLook> full_look_;
    std::multimap<Clock::time_point, Who> alarms_; ///< who waits for when
    std::optional<Clock::time_point> accounts_due_;
    std::optional<Clock::time_point> full_look_due_;
    Trigger full_look_due_trigger_ = Trigger::overflow;
    bool close_look_due_ = false; ///< whatever the next one is for
    Clock::time_point next_full_look_allowed_{};
    int account_files_wd_ = -1;
    std::string account_stamp_; ///< of its files when they were last asked for, as far as known
    int canary_wd_ = -1;
    Canary canary_;
    WatchLimit limit_{};
    bool wants_new_watch_ = false;
    bool is_paused_ = false;
    std::uint64_t rebuilt_ = 0;
    bool first_look_done_ = false;
    std::uint64_t glimpse_secret_ = 0;
    enum class Denied { before, in_this_look };
    std::map<Trouble, Denied> denied_; ///< watches; what was told
    Incident overflow_;
    Bucket<500, 667> vain_drains_;
    bool queue_is_left_ = false; ///< until next_drain()
    std::size_t polled_ = 0;
    std::size_t open_matters_ = 0; ///< over all ledgers
    std::uint64_t repairs_ = 0;
    Storm storm_;
    std::uint64_t missed_by_events_ = 0;
    std::deque<MadeRepair> last_repairs_; ///< the latest first
    std::optional<MadeFight> last_fight_;
    UserCounts states_{};
    std::shared_ptr<const Accounts> ignored_of_; ///< the accounts of which `ignored_` is true
    std::vector<Resident> ignored_;
    std::vector<std::optional<UserState>> stands_;   ///< by id, as the last round found it
    std::shared_ptr<const UserList::Roster> roster_; ///< none when it has changed
    std::optional<FullLookTimes> last_look_;
    std::chrono::system_clock::time_point last_drain_;
};

} // namespace sshpermd
