#include "repairs/lock_holder.hpp"

#include "complain.hpp"

#include <chrono>

namespace sshpermd {
namespace {

using std::chrono::seconds;

/// A daemon that works says so at once.
constexpr seconds for_a_sign_of_life{5};
/// The daemon says four times a second how far it is, and gives up after a minute in vain.
constexpr seconds for_an_answer{65};

std::string named(const LockHolder& holder) {
    return holder.pid ? "process " + std::to_string(*holder.pid) : "another process";
}

} // namespace

ExitCode complain_of_answer(const HttpAnswer& answer) {
    const auto code = answer.status == 403 ? ExitCode::permission_denied : ExitCode::failed;
    return complain(problem_of(answer), code);
}

std::optional<HttpAnswer> ask_holder(const LockHolder& holder, const std::string& socket,
                                     const std::string& path, const std::string& body,
                                     const std::function<void(std::string_view line)>& each) {
    try {
        ask(socket, {"GET", "/v1/health", {}}, for_a_sign_of_life);
        return ask(socket, {"POST", path, body}, for_an_answer, each);
    } catch (const NobodyAnswers& error) {
        complain(named(holder) + " holds " + lock_path + " and may be at work, but " +
                     error.what() +
                     "; nothing was done here. See 'systemctl status sshpermd', or try again when "
                     "the other repair has ended",
                 ExitCode::failed);
        return std::nullopt;
    }
}

} // namespace sshpermd
