#include "system/file_trial.hpp"

#include "system/transfer.hpp"
#include "system/unique_fd.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <thread>

namespace sshpermd {
namespace {

bool put_over(const OtherContent& other, std::size_t number) {
    const auto scratch = std::string{trial_dir} + "/" + std::to_string(number);
    const UniqueFd file{
        open(scratch.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    return file && write_all(file.get(), other.text) == other.text.size() &&
           mount(scratch.c_str(), other.path.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

/// For this thread alone.
bool enter_trial(const std::vector<OtherContent>& others) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("sshpermctl", trial_dir, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
              "mode=0700,size=4m") != 0)
        return false;
    for (std::size_t i = 0; i < others.size(); ++i)
        if (!put_over(others[i], i))
            return false;
    return true;
}

std::optional<Inquirer::Said> run_all(const std::vector<std::vector<std::string>>& commands,
                                      const Inquirer::Limits& limits) {
    Inquirer inquirer;
    std::optional<Inquirer::Said> said;
    for (const auto& command : commands) {
        if (said && said->status != 0)
            return std::nullopt;
        said = inquirer.hear(command, limits);
        if (!said)
            return std::nullopt;
    }
    return said;
}

} // namespace

std::optional<Inquirer::Said> hear_in_trial(const std::vector<OtherContent>& others,
                                            const std::vector<std::vector<std::string>>& commands,
                                            const Inquirer::Limits& limits) {
    std::optional<Inquirer::Said> said;
    std::thread trial{[&] { // a mount namespace is a thread's, and goes with it
        if (enter_trial(others))
            said = run_all(commands, limits);
    }};
    trial.join();
    return said;
}

} // namespace sshpermd
