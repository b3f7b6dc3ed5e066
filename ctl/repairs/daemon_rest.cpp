#include "repairs/daemon_rest.hpp"

#include "event/text.hpp"
#include "reconcile/request.hpp"
#include "socket/client.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace sshpermd {
namespace {

using std::chrono::seconds;

constexpr seconds within{10};
constexpr std::chrono::milliseconds length{120'000};
constexpr seconds renewed_after{40};
constexpr std::string_view ours = "sshpermctl repair ";

} // namespace

DaemonRest::DaemonRest(const LockHolder& /*it answers at the socket*/, std::string socket,
                       const std::string& reason)
    : socket_(std::move(socket)), reason_(std::string{ours} + reason) {
    reason_.resize(std::min(reason_.size(), PauseRequest::longest_reason));
    refuse_pause_of_others();
}

DaemonRest::~DaemonRest() { end(); }

void DaemonRest::begin() {
    refuse_pause_of_others();
    ask_for_rest();
}

void DaemonRest::end() {
    renew_at_.reset();
    if (!std::exchange(has_paused_, false))
        return;
    try {
        ask(socket_, {"POST", "/v1/resume", {}}, within);
    } catch (const std::exception&) { // the pause ends by itself
    }
}

void DaemonRest::go_on() {
    if (renew_at_ && std::chrono::steady_clock::now() >= *renew_at_)
        ask_for_rest();
}

/// An operator's pause must not end with ours.
void DaemonRest::refuse_pause_of_others() {
    const auto status = ask(socket_, {"GET", "/v1/status", {}}, within).body;
    const auto json = nlohmann::json::parse(status, nullptr, false);
    if (!json.is_object() || !json.contains("paused") || !json["paused"].is_object())
        return;
    const auto reason = json["paused"].value("reason", std::string{});
    if (!reason.starts_with(ours))
        throw std::runtime_error("somebody has paused the daemon (" + printable(reason) +
                                 "), and this would end the pause: sshpermctl resume, then again");
}

void DaemonRest::ask_for_rest() {
    const auto answer =
        ask(socket_, {"POST", "/v1/pause", to_json(PauseRequest{length, reason_})}, within);
    constexpr unsigned only_observes = 409;
    if (answer.status != 200 && answer.status != only_observes)
        throw std::runtime_error(problem_of(answer));
    has_paused_ = answer.status == 200;
    renew_at_ = std::chrono::steady_clock::now() + renewed_after;
}

} // namespace sshpermd
