#include <utility> // Asio of Boost 1.74 forgot it

#include "app.hpp"

#include <boost/asio/post.hpp>

#include <unistd.h>

// The app's ear: it waits for the keeper's inotify descriptor, whichever that is by now.

namespace sshpermd {

using boost::asio::posix::stream_descriptor;

void App::on_inotify() {
    inotify_.async_wait(stream_descriptor::wait_read,
                        [this](const boost::system::error_code& error) {
                            if (error)
                                return;
                            work();
                            listen_again();
                        });
}

void App::listen_again() {
    const auto from = keeper_->next_drain();
    if (from <= Keeper::Clock::now())
        return on_inotify();
    is_taking_breath_ = true;
    breath_.expires_at(from);
    breath_.async_wait([this](const boost::system::error_code& /*a reload cancels it*/) {
        if (std::exchange(is_taking_breath_, false))
            on_inotify();
    });
}

void App::listen() {
    if (keeper_->inotify_fd() < 0)
        return;
    inotify_.assign(dup(keeper_->inotify_fd())); // asio and the keeper each own theirs
    on_inotify();
}

void App::stop_listening() {
    inotify_.close();
    is_taking_breath_ = false;
    breath_.cancel();
}

void App::watch_anew_soon() {
    if (std::exchange(new_watch_is_posted_, true))
        return;
    boost::asio::post(io_, [this] {
        new_watch_is_posted_ = false;
        if (!keeper_->wants_new_watch()) // a reload came first
            return;
        stop_listening();
        keeper_->watch_anew();
        listen();
        work_soon();
    });
}

} // namespace sshpermd
