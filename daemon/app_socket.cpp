#include <utility> // Asio of Boost 1.74 forgot it

#include "app.hpp"
#include "daemon_event.hpp"

#include <boost/asio/post.hpp>

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
        events_.write(
            make_event(EventType::daemon_degraded, Severity::info,
                       "there is no group " + group_name + ": only root may ask at " + path));
    const auto ask = [this](Request request, Reply reply) {
        boost::asio::post(io_,
                          [this, request = std::move(request), reply = std::move(reply)]() mutable {
                              answer(std::move(request), std::move(reply));
                          });
    };
    try {
        server_ = std::make_unique<Server>(path, group, SSHPERMD_VERSION, ask);
    } catch (const std::system_error& error) {
        auto event = make_event(EventType::daemon_degraded, Severity::warning,
                                "nobody can ask this daemon: it has no socket");
        event.error = EventError{"socket", error.what()};
        events_.write(std::move(event));
    }
}

void App::answer(Request request, Reply reply) {
    if (std::holds_alternative<HealthRequest>(request)) {
        auto health = keeper_->health();
        health.status += config_trouble_;
        return reply(std::move(health));
    }
    if (const auto* const wanted = std::get_if<ForgetRequest>(&request)) {
        keeper_->forget(*wanted);
        events_.sync_soon();
        return reply(Forgotten{});
    }
    keeper_->repair(std::get<RepairRequest>(std::move(request)), std::move(reply));
    work_soon();
}

} // namespace sshpermd
