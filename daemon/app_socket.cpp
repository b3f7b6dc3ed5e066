#include <utility> // Asio of Boost 1.74 forgot it

#include "app.hpp"
#include "events/daemon_event.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>

#include <string>
#include <system_error>
#include <variant>

// The application's status socket: requests come from its thread into the loop.

namespace sshpermd {

/// For the group as it is known now; once it is another one, anew.
void App::open_socket() {
    const auto& [path, group_name] = config_.socket;
    const auto group = accounts_->group_gid(group_name);
    if (server_ && group == socket_group_gid_)
        return;
    socket_group_gid_ = group;
    server_.reset();
    if (!group)
        tell(make_trouble(Trouble::no_group, Severity::info,
                          "there is no group " + group_name + ": only root may ask at " + path));
    else
        tell(make_recovery(Trouble::no_group, "the socket's group is there: " + group_name));
    const auto ask = [this](Request request, Reply reply) {
        boost::asio::post(io_,
                          [this, request = std::move(request), reply = std::move(reply)]() mutable {
                              answer(std::move(request), std::move(reply));
                          });
    };
    try {
        server_ = std::make_unique<Server>(make_socket(), group, SSHPERMD_VERSION, ask, news_);
    } catch (const std::system_error& error) {
        auto event = make_trouble(Trouble::no_socket, Severity::warning,
                                  "nobody can ask this daemon: it has no socket");
        event.error = EventError{"socket", error.what()};
        tell(std::move(event));
    }
}

/// The one that the service manager has passed on is used again after a reload.
std::unique_ptr<StatusSocket> App::make_socket() {
    if (passed_socket_)
        return std::make_unique<StatusSocket>(
            UniqueFd{fcntl(passed_socket_.get(), F_DUPFD_CLOEXEC, 0)});
    return std::make_unique<StatusSocket>(config_.socket.path, socket_group_gid_);
}

void App::answer(Request request, Reply reply) {
    if (std::holds_alternative<HealthRequest>(request))
        return reply(health());
    if (std::holds_alternative<SnapshotRequest>(request))
        return reply(snapshot());
    if (const auto* const wanted = std::get_if<UserRequest>(&request))
        return reply(keeper_->user(wanted->name));
    if (const auto* const asked = std::get_if<AskedPause>(&request))
        return pause(*asked, reply);
    if (const auto* const denial = std::get_if<Denial>(&request))
        return tell_denial(*denial);
    if (const auto* const asked = std::get_if<ResumeRequest>(&request)) {
        resume(asked->asker);
        return reply(Done{});
    }
    if (std::holds_alternative<ReloadRequest>(request)) {
        reload_replies_.push_back(std::move(reply));
        return reload();
    }
    if (const auto* const wanted = std::get_if<ForgetRequest>(&request)) {
        keeper_->forget(*wanted);
        events_.sync_soon();
        return reply(Done{});
    }
    if (std::holds_alternative<CheckRequest>(request))
        keeper_->check(std::get<CheckRequest>(std::move(request)), std::move(reply));
    else if (std::holds_alternative<AskedKey>(request))
        keeper_->add_key(std::get<AskedKey>(std::move(request)), std::move(reply));
    else if (std::holds_alternative<AskedUndo>(request))
        keeper_->undo(std::get<AskedUndo>(std::move(request)), std::move(reply));
    else
        keeper_->repair(std::get<RepairRequest>(std::move(request)), std::move(reply));
    work_soon();
}

} // namespace sshpermd
