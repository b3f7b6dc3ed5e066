#include "explain/session_manager.hpp"

#include "io/small_file.hpp"
#include "io/unique_fd.hpp"
#include "policy/fields.hpp"
#include "system/processes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace sshpermd {
namespace {

constexpr const char* log_file = "/var/log/amazon/ssm/amazon-ssm-agent.log";
constexpr std::size_t end_of_log = std::size_t{64} << 10U;

constexpr std::array agent_says{
    AgentWord{"AccessDenied", "its role in IAM lacks AmazonSSMManagedInstanceCore", ""},
    AgentWord{"EC2RoleRequestError", "the instance has no role in IAM", ""},
    AgentWord{"no EC2 instance role found", "the instance has no role in IAM", ""},
    AgentWord{"ExpiredToken", "its credentials have expired: the clock, or the role",
              "timedatectl"},
    AgentWord{"Signature expired", "the clock is wrong", "timedatectl"},
    AgentWord{"kms", "a session is encrypted, and the role may not use the key in KMS", ""},
    AgentWord{"RunAs", "the user that sessions run as is not an account of this machine",
              "getent passwd"},
    AgentWord{"dial tcp", "it cannot reach its service: route, security group, VPC endpoint",
              "curl -sS https://ssm.$REGION.amazonaws.com"},
    AgentWord{"no such host", "it cannot find the name of its service: DNS", "resolvectl status"}};

/// What is in the last part of a file that root's agent writes.
std::string end_of(const char* path) {
    const UniqueFd fd{open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC)};
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return {};
    std::string text(end_of_log, '\0');
    const auto from = std::max<off_t>(about.st_size - static_cast<off_t>(end_of_log), 0);
    const auto length = pread(fd.get(), text.data(), text.size(), from);
    text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    return text;
}

bool is_installed(const Sysroot& root) {
    constexpr std::array paths{"/usr/bin/amazon-ssm-agent",
                               "/snap/amazon-ssm-agent/current/amazon-ssm-agent"};
    return std::any_of(paths.begin(), paths.end(),
                       [&](const char* path) { return root.has(path); });
}

/// By the names that the kernel has cut to 15 bytes.
bool is_running() {
    bool runs = false;
    for_each_pid("/proc", [&](pid_t /*any*/, const std::string& dir) {
        runs = read_small_file(dir + "/comm") == "amazon-ssm-agen\n";
        return !runs;
    });
    return runs;
}

void add(LoginChecks& checks, CheckResult result, std::string summary, std::string cause = {},
         std::string fix = {}) {
    checks.push_back({"session_manager", result, Weight::none, std::move(summary), std::move(cause),
                      std::move(fix)});
}

} // namespace

std::span<const AgentWord> agent_words() { return agent_says; }

std::string_view last_error(std::string_view log) {
    std::string_view last;
    while (!log.empty())
        if (const auto line = take_field(log, "\n"); line.find(" ERROR ") != std::string_view::npos)
            last = line;
    return last;
}

void check_session_manager(const LoginCase& login, LoginChecks& checks) {
    if (!is_installed(login.root))
        return add(checks, CheckResult::note,
                   "the agent of Session Manager is not installed: no way in past sshd");
    if (login.root.is_image())
        return add(checks, CheckResult::pass, "the agent of Session Manager is installed");
    if (!is_running())
        return add(checks, CheckResult::fail, "the agent of Session Manager does not run", "",
                   "systemctl start amazon-ssm-agent");
    const auto log = end_of(log_file);
    const auto error = last_error(log);
    if (error.empty())
        return add(checks, CheckResult::pass, "the agent of Session Manager runs");
    const auto word = std::find_if(agent_says.begin(), agent_says.end(), [&](const AgentWord& one) {
        return error.find(one.part) != std::string_view::npos;
    });
    add(checks, CheckResult::note,
        "the agent of Session Manager runs, and complained last: " +
            std::string{word != agent_says.end() ? word->meaning : "see its log"},
        std::string{error},
        word != agent_says.end() && !word->fix.empty() ? std::string{word->fix}
                                                       : "tail -50 " + std::string{log_file});
}

} // namespace sshpermd
