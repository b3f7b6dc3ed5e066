// App: the one owner of everything in the daemon, in order of construction, and its event loop.
#pragma once

#include "events/event_writer.hpp"
#include "events/log.hpp"
#include "exchange.hpp"
#include "keeper/keeper.hpp"
#include "policy/config_layers.hpp"
#include "remembering.hpp"
#include "roll_call.hpp"
#include "socket/server.hpp"
#include "store/in_flight.hpp"
#include "store/memory_file.hpp"
#include "store/repair_lock.hpp"
#include "troubles.hpp"
#include "watchdog.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace sshpermd {

class App {
  public:
    /// `config_file` as given on the command line. Instead of a configuration that cannot be used
    /// the last one that was in force is, else the built-in one in observe mode: one typo must not
    /// stop the watching.
    /// `passed_socket`: where to answer instead of a socket of its own.
    /// Throws std::system_error; std::runtime_error when another daemon repairs already.
    App(std::optional<std::string> config_file, LogTarget target, UniqueFd passed_socket = {});

    /// Runs until SIGTERM or SIGINT.
    void run();

  private:
    /// What a start is made with.
    enum class Basis { configured, last_accepted, built_in };
    struct Candidate {
        LayeredConfig loaded;
        Basis basis;
    };

    void start(LogTarget target);
    Candidate load_or_fall_back();
    Candidate fall_back(const std::string& problem, Basis failed);
    void start_with(Candidate candidate);
    void accept_once_proven();
    void accept(const Config& config);
    void take_lock();
    void note_changes();
    void settle_walk();
    void release_lock();
    void open_memory();
    void look_after_memory();
    void look_after_record();
    void look_for_lost_events();
    void tell_of_memory(const std::string& trouble);
    void start_keeping(const Config& config);
    void reload();
    void reload_with(const LayeredConfig& loaded);
    void reject_reload(const std::string& problem);
    void start_roll_call();
    AccountQuestion question() const;
    void look_after_local(const std::error_code& why);
    void on_accounts(std::optional<AccountAnswer> answer);
    void on_same_accounts();
    void tell_accounts_available();
    void hand_over_accounts();
    void answer_those_who_waited();
    void tell_accounts_unavailable(std::string consequence, const EventError& error);
    void stop(const std::string& reason);

    void on_signals();
    void on_inotify();
    void listen();
    void stop_listening();
    void watch_anew_soon();
    void listen_again();
    void on_mounts(boost::asio::posix::stream_descriptor& mounts);
    void on_rescan_timer();
    void poll_while_needed();
    void work_soon();
    void work();
    void set_alarm();
    void say_ready_once();
    void say_status_soon();
    void open_socket();
    std::unique_ptr<StatusSocket> make_socket();
    void answer(Request request, Reply reply);
    void pause(const AskedPause& asked, const Reply& reply);
    void resume(std::optional<Asker> asker);
    void answer_reload(const Answer& answer);
    void tell_denial(const Denial& denial);

    void tell(Event event);
    void tell_what_is_over();
    void config_is_good();
    Health health();
    std::string status_line();
    Status status();
    std::shared_ptr<const Snapshot> snapshot();

    std::optional<std::string> config_file_;
    std::optional<RepairLock>
        lock_; ///< held whenever the mode is repair, and until all is on record
    std::shared_ptr<InFlight> in_flight_; ///< as long as the lock
    std::shared_ptr<Remembering> remembering_ = std::make_shared<Remembering>();
    std::shared_ptr<MemoryFile> memory_; ///< written only while the lock is held
    EventWriter events_;
    Troubles troubles_;
    std::uint64_t dropped_before_ = 0; ///< events, until the last rescan
    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_;
    boost::asio::posix::stream_descriptor inotify_;
    boost::asio::posix::stream_descriptor mounts_;
    boost::asio::posix::stream_descriptor mounts_of_init_;
    boost::asio::steady_timer rescan_;
    boost::asio::steady_timer poll_;
    boost::asio::steady_timer alarm_;
    boost::asio::steady_timer breath_;
    boost::asio::steady_timer mounts_settle_;
    boost::asio::steady_timer ready_deadline_;
    boost::asio::steady_timer status_;
    boost::asio::steady_timer pause_end_;
    Watchdog watchdog_;
    std::minstd_rand random_;

    Config config_;
    std::shared_ptr<const Accounts> accounts_; ///< the last that are good
    Basis basis_ = Basis::configured;
    std::optional<LayeredConfig> unproven_;   ///< until it is known whether its groups exist
    std::vector<std::string> files_in_force_; ///< none when it is a fallback
    std::unique_ptr<Keeper> keeper_;
    std::unique_ptr<RollCall> roll_call_;
    std::set<std::string> answering_services_; ///< since the start
    bool roll_was_called_ = false;             ///< once: answered, or known not to be
    std::optional<gid_t> socket_group_gid_;
    News news_ = std::make_shared<std::atomic<bool>>(true);
    std::shared_ptr<const std::string> config_text_;
    std::optional<Pause> pause_;
    std::vector<Reply> reload_replies_;
    UniqueFd passed_socket_;                  ///< by the service manager
    std::optional<LayeredConfig> reload_due_; ///< when it is known whether its group exists
    std::chrono::system_clock::time_point since_ = std::chrono::system_clock::now();
    bool work_is_posted_ = false;
    bool new_watch_is_posted_ = false;
    bool are_mounts_settling_ = false;
    bool memory_is_lost_ = false; ///< and another is only in RAM
    bool poll_is_set_ = false;
    bool is_taking_breath_ = false;
    bool ready_said_ = false;
    bool status_is_due_ = false;
    std::string status_said_;

    std::unique_ptr<Server> server_; ///< last: it asks all of the above
};

} // namespace sshpermd
