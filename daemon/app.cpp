#include "app.hpp"

#include "events/daemon_event.hpp"
#include "service_status.hpp"
#include "system/account_database.hpp"
#include "system/mounts.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

using boost::asio::posix::stream_descriptor;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The longest the loop works before it looks at what has happened meanwhile.
constexpr milliseconds slice{1};

/// A rescan of many machines at the same moment would be felt; ten per cent spread it.
milliseconds jittered(seconds interval, std::minstd_rand& random) {
    const milliseconds whole = interval;
    std::uniform_int_distribution<std::int64_t> spread{-whole.count() / 10, whole.count() / 10};
    return whole + milliseconds{spread(random)};
}

} // namespace

App::App(std::optional<std::string> config_file, LogTarget target, UniqueFd passed_socket)
    : config_file_(std::move(config_file)),
      events_(target, SSHPERMD_VERSION, RecordFile{},
              [remembering = remembering_] { remembering->sync(); }),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      inotify_(io_),
      mounts_(io_),
      mounts_of_init_(io_),
      rescan_(io_),
      poll_(io_),
      alarm_(io_),
      breath_(io_),
      mounts_settle_(io_),
      ready_deadline_(io_),
      status_(io_),
      pause_end_(io_),
      watchdog_(io_, [this] { return work_is_posted_; }),
      random_(std::random_device{}()),
      passed_socket_(std::move(passed_socket)) {
    start(target);
}

void App::start_keeping(const Config& config) {
    stop_listening();
    troubles_.doubt();
    keeper_.reset(); // first: watches of both at once might not fit the limit
    config_ = config;
    config_text_ = std::make_shared<const std::string>(to_text(config));
    std::string account_stamp;
    if (roll_call_) {
        roll_call_->forget_answer(); // other home roots, another question
    } else {
        account_stamp = stamp_of_account_files();
        start_roll_call(); // its child works while the memory is read
    }
    open_memory();
    keeper_ = std::make_unique<Keeper>(
        config, memory_->memory(), [this](Event event) { tell(std::move(event)); },
        [this] { roll_call_->ask(); }, [this] { boost::asio::post(io_, [this] { work_soon(); }); },
        in_flight_.get(), std::move(account_stamp));
    keeper_->pause(pause_.has_value());
    listen();
    on_rescan_timer();
    work_soon();
}

void App::run() {
    auto started = make_event(EventType::daemon_started, Severity::info,
                              config_.operation == Operation::repair
                                  ? "sshpermd " SSHPERMD_VERSION " started: drift is repaired"
                                  : "sshpermd " SSHPERMD_VERSION
                                    " started: drift is reported, nothing is changed");
    events_.write(std::move(started));
    on_signals();
    watchdog_.start();
    if (auto mountinfo = open_mountinfo()) {
        mounts_.assign(mountinfo.release());
        on_mounts(mounts_);
    }
    if (auto mountinfo = open_mountinfo_of_init()) {
        mounts_of_init_.assign(mountinfo.release());
        on_mounts(mounts_of_init_);
    }
    ready_deadline_.expires_after(seconds{10});
    ready_deadline_.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            say_ready_once();
    });
    io_.run();
}

void App::on_signals() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error)
            return;
        if (signal != SIGHUP)
            return stop(signal == SIGTERM ? "SIGTERM" : "SIGINT");
        reload();
        on_signals();
    });
}

void App::stop(const std::string& reason) {
    notify_stopping();
    events_.write(make_event(EventType::daemon_stopping, Severity::info,
                             "stopping on " + reason + ": nothing is repaired from now on"));
    io_.stop();
}

void App::on_mounts(stream_descriptor& mounts) {
    // POLLPRI: asio calls it an error condition. What is mounted now counts a moment later, when
    // a script that mounts several has finished.
    mounts.async_wait(stream_descriptor::wait_error,
                      [this, &mounts](const boost::system::error_code& error) {
                          if (error)
                              return;
                          on_mounts(mounts);
                          if (std::exchange(are_mounts_settling_, true))
                              return;
                          mounts_settle_.expires_after(milliseconds{200});
                          mounts_settle_.async_wait([this](const boost::system::error_code& e) {
                              are_mounts_settling_ = false;
                              if (e)
                                  return;
                              keeper_->look_at_all_in_time(Trigger::mount);
                              work_soon();
                          });
                      });
}

void App::on_rescan_timer() {
    rescan_.expires_after(jittered(config_.rescan_interval, random_));
    rescan_.async_wait([this](const boost::system::error_code& error) {
        if (error)
            return;
        keeper_->look_at_all(Trigger::rescan);
        roll_call_->ask();
        look_for_lost_events();
        work_soon();
        on_rescan_timer();
    });
}

void App::poll_while_needed() {
    if (!keeper_->has_polled() || std::exchange(poll_is_set_, true))
        return;
    poll_.expires_after(config_.poll_interval);
    poll_.async_wait([this](const boost::system::error_code& /*never cancelled*/) {
        poll_is_set_ = false;
        keeper_->look_at_polled();
        work_soon();
    });
}

void App::work_soon() {
    if (std::exchange(work_is_posted_, true))
        return;
    boost::asio::post(io_, [this] {
        work_is_posted_ = false;
        work();
    });
}

void App::work() {
    *news_ = true; // first: what is seen of it is never older than what is told of it
    keeper_->drain();
    const auto progress = keeper_->work(Keeper::Clock::now() + slice);
    watchdog_.made_progress();
    if (keeper_->wants_new_watch())
        watch_anew_soon();
    const bool all_stand = roll_was_called_ && keeper_->first_look_done();
    if (all_stand)
        say_ready_once();
    if (progress == Keeper::Progress::more)
        return work_soon();
    look_after_memory();
    if (all_stand)
        tell_what_is_over();
    set_alarm();
    poll_while_needed();
    say_status_soon();
}

void App::say_status_soon() {
    if (std::exchange(status_is_due_, true))
        return;
    status_.expires_after(seconds{status_said_.empty() ? 0 : 1});
    status_.async_wait([this](const boost::system::error_code& error) {
        status_is_due_ = false;
        auto line = error ? status_said_ : status_line();
        if (line == status_said_)
            return;
        notify_status(line);
        status_said_ = std::move(line);
    });
}

void App::set_alarm() {
    const auto due = keeper_->next_due();
    if (!due) {
        alarm_.cancel();
        return;
    }
    alarm_.expires_at(*due);
    alarm_.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            work();
    });
}

void App::say_ready_once() {
    if (!std::exchange(ready_said_, true))
        notify_ready();
    ready_deadline_.cancel();
}

} // namespace sshpermd
