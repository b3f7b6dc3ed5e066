#include "explain/server_checks.hpp"

#include "policy/fields.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace sshpermd {
namespace {

/// Debian and Ubuntu call it ssh, all others sshd.
std::string service(const std::string& verb) {
    const bool is_ssh = access("/usr/lib/systemd/system/ssh.service", F_OK) == 0 ||
                        access("/lib/systemd/system/ssh.service", F_OK) == 0;
    return "systemctl " + verb + (is_ssh ? " ssh" : " sshd");
}

/// What sshd said last, without what it says of every start.
std::string last_line(std::string_view text) {
    std::string last;
    while (!text.empty())
        if (const auto line = trim(take_field(text, "\n"), " \r\t"); !line.empty())
            last = line;
    return last;
}

/// What a connection trips over as well, which sshd starts anew for each (sshd.c main()).
bool stops_connections(const std::string& text) {
    return text.find("no hostkeys available") != std::string::npos ||
           text.find("privilege separation") != std::string::npos;
}

std::string fix_for(const LoginCase& login, const std::string& said) {
    if (said.find("no hostkeys available") != std::string::npos) {
        const auto& config = login.sshd.config;
        return said.find("bad permissions") != std::string::npos ||
                       said.find("too open") != std::string::npos
                   ? "chmod 600 /etc/ssh/ssh_host_*_key"
                   : "ssh-keygen -A && " + quoted(login.sshd.program) + " -t -f " + quoted(config);
    }
    if (said.find("privilege separation") != std::string::npos)
        return "mkdir -p -m 755 /run/sshd";
    return quoted(login.sshd.program) + " -t -f " + quoted(login.sshd.config);
}

void check_test(const LoginCase& login, LoginChecks& checks) {
    const auto& sshd = login.sshd;
    if (!sshd.test || geteuid() != 0) {
        checks.push_back({"config", CheckResult::unknown, Weight::none,
                          geteuid() != 0
                              ? "only root can ask sshd whether its configuration is valid"
                              : "sshd -t did not say whether the configuration is valid",
                          "", ""});
        return;
    }
    if (sshd.test->status == 0) {
        checks.push_back({"config", CheckResult::pass, Weight::decides,
                          "the configuration is valid (sshd -t)", "", ""});
        return;
    }
    const bool decides = sshd.running.empty() || stops_connections(sshd.test->text);
    checks.push_back({"config", CheckResult::fail, decides ? Weight::decides : Weight::none,
                      decides ? "sshd cannot work like this (sshd -t)"
                              : "sshd runs, but will not start again (sshd -t)",
                      last_line(sshd.test->text), fix_for(login, sshd.test->text)});
}

bool is_listening(const LoginCase& login) {
    const auto& ports = login.sshd.settings->values("port");
    return std::any_of(
        login.sshd.listeners.begin(), login.sshd.listeners.end(), [&](const Listener& listener) {
            return std::any_of(ports.begin(), ports.end(), [&](const std::string& port) {
                return decimal(port) == listener.port;
            });
        });
}

void check_running(const LoginCase& login, LoginChecks& checks) {
    const auto& sshd = login.sshd;
    const bool listens = sshd.settings && is_listening(login);
    if (!sshd.running.empty())
        checks.push_back({"running", CheckResult::pass, Weight::decides,
                          "sshd runs (pid " + std::to_string(sshd.running.front().pid) + ")", "",
                          ""});
    else if (listens)
        checks.push_back({"running", CheckResult::note, Weight::decides,
                          "no sshd waits for connections; something else does, such as ssh.socket",
                          "", ""});
    else
        checks.push_back({"running", CheckResult::fail, Weight::decides, "sshd does not run",
                          "connect to host ... port 22: Connection refused", service("start")});
    if (sshd.running.size() > 1)
        checks.push_back({"several", CheckResult::note, Weight::none,
                          std::to_string(sshd.running.size()) +
                              " sshds run; this is about the one with pid " +
                              std::to_string(sshd.running.front().pid),
                          "", ""});
    if (!sshd.running.empty() && !sshd.running.front().arguments.understood)
        checks.push_back(
            {"arguments", CheckResult::unknown, Weight::decides,
             "what the running sshd was started with is not understood", "",
             "tr '\\0' ' ' < /proc/" + std::to_string(sshd.running.front().pid) + "/cmdline"});
    if (sshd.running.empty() || !sshd.settings)
        return;
    if (!listens)
        checks.push_back(
            {"listening", CheckResult::fail, Weight::decides,
             "nothing listens on port " + sshd.settings->value("port"),
             "connect to host ... port " + sshd.settings->value("port") + ": Connection refused",
             service("restart")});
    else
        checks.push_back({"listening", CheckResult::pass, Weight::decides,
                          "it listens on port " + sshd.settings->value("port"), "", ""});
}

/// A running sshd has read its files when it was started or told to read them again.
void check_age(const LoginCase& login, LoginChecks& checks) {
    const auto& sshd = login.sshd;
    struct stat file {};
    struct stat process {};
    if (sshd.running.empty() || stat(sshd.config.c_str(), &file) != 0 ||
        stat(("/proc/" + std::to_string(sshd.running.front().pid)).c_str(), &process) != 0 ||
        file.st_mtime <= process.st_ctime)
        return;
    checks.push_back({"reload", CheckResult::note, Weight::none,
                      sshd.config + " was written after sshd was started: this is about the file",
                      "", service("reload")});
}

} // namespace

void check_server(const LoginCase& login, LoginChecks& checks) {
    const auto& sshd = login.sshd;
    if (sshd.program.empty()) {
        checks.push_back({"sshd", CheckResult::fail, Weight::decides, "there is no sshd",
                          "connect to host ... port 22: Connection refused",
                          "apt-get install openssh-server || dnf install openssh-server"});
        return;
    }
    if (sshd.config.empty()) {
        checks.push_back({"sshd", CheckResult::fail, Weight::decides, "sshd has no configuration",
                          "/etc/ssh/sshd_config: No such file or directory",
                          "apt-get install --reinstall -o Dpkg::Options::=--force-confmiss "
                          "openssh-server || dnf reinstall openssh-server"});
        return;
    }
    checks.push_back({"sshd", CheckResult::pass, Weight::decides, sshd.program, "", ""});
    check_test(login, checks);
    check_running(login, checks);
    check_age(login, checks);
    if (!sshd.settings)
        checks.push_back({"settings", CheckResult::unknown, Weight::decides,
                          geteuid() == 0 ? "sshd does not say how it is configured (sshd -T)"
                                         : "sshd says only root how it is configured (sshd -T)",
                          "", quoted(sshd.program) + " -T -f " + quoted(sshd.config)});
    else if (sshd.depends_on_the_client && !login.question.from)
        checks.push_back({"match", CheckResult::unknown, Weight::decides,
                          "a Match of the configuration asks where the client is: --from ADDR", "",
                          "sshpermctl explain " + quoted(login.question.user) + " --from ADDR"});
}

} // namespace sshpermd
