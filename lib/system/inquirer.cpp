#include "system/inquirer.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

namespace sshpermd {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

int until_ms(Clock::time_point end) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now()).count();
    return static_cast<int>(std::max<milliseconds::rep>(left, 0));
}

/// Everything up to the end of the output; nothing beyond the limits.
std::optional<std::string> hear_all(int fd, std::size_t max_bytes, Clock::time_point end) {
    std::string text;
    std::array<char, 16384> buffer{};
    while (Clock::now() < end) {
        pollfd ready{fd, POLLIN, 0};
        if (poll(&ready, 1, until_ms(end)) <= 0)
            continue;
        const auto length = read(fd, buffer.data(), buffer.size());
        if (length == 0)
            return text;
        if (length < 0 && errno != EINTR && errno != EAGAIN)
            return std::nullopt;
        if (length > 0)
            text.append(buffer.data(), static_cast<std::size_t>(length));
        if (text.size() > max_bytes)
            return std::nullopt;
    }
    return std::nullopt;
}

/// Waits for the end of a child; false when that does not come in time.
bool reap(ChildProcess& child, Clock::time_point until) {
    while (!child.reap()) {
        if (Clock::now() >= until)
            return false;
        std::this_thread::sleep_for(milliseconds{1});
    }
    return true;
}

} // namespace

std::optional<std::string> Inquirer::ask(const std::vector<std::string>& argv,
                                         const Limits& limits) {
    auto said = run(argv, limits, -1, ChildProcess::Errors::dropped);
    if (!said || said->status != 0)
        return std::nullopt;
    return std::move(said->text);
}

std::optional<Inquirer::Said> Inquirer::hear(const std::vector<std::string>& argv,
                                             const Limits& limits, int input,
                                             ChildProcess::Errors errors) {
    return run(argv, limits, input, errors);
}

std::optional<Inquirer::Said> Inquirer::run(const std::vector<std::string>& argv,
                                            const Limits& limits, int input,
                                            ChildProcess::Errors errors) {
    if (left_behind_ && !left_behind_->reap())
        return std::nullopt;
    left_behind_.reset();

    const auto end = Clock::now() + limits.deadline;
    auto child = ChildProcess::start(argv, input, errors);
    if (!child)
        return std::nullopt;
    auto answer = hear_all(child->output().get(), limits.bytes, end);
    if (!answer || !reap(*child, end)) {
        child->kill();
        if (!reap(*child, Clock::now() + milliseconds{200}))
            left_behind_ = std::move(child);
        return std::nullopt;
    }
    const auto status = child->exit_status();
    return status ? std::optional{Said{*status, *std::move(answer)}} : std::nullopt;
}

} // namespace sshpermd
