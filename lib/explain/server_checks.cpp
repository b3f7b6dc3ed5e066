#include "explain/server_checks.hpp"

#include "policy/fields.hpp"
#include "policy/letters.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace sshpermd {
namespace {

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
                   : "ssh-keygen -A && " + shell_word(login.sshd.program) + " -t -f " +
                         shell_word(config);
    }
    if (said.find("privilege separation") != std::string::npos)
        return "mkdir -p -m 755 /run/sshd";
    return shell_word(login.sshd.program) + " -t -f " + shell_word(login.sshd.config);
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

/// Those on the ports of the configuration.
std::vector<Listener> listeners_of(const LoginCase& login) {
    std::vector<Listener> found;
    for (const auto& listener : login.sshd.listeners)
        for (const auto& port : login.sshd.settings->values("port"))
            if (decimal(port) == listener.port)
                found.push_back(listener);
    return found;
}

void check_listening(const LoginCase& login, LoginChecks& checks) {
    const auto& port = login.sshd.settings->value("port");
    const auto listeners = listeners_of(login);
    const bool only_here =
        std::all_of(listeners.begin(), listeners.end(),
                    [](const Listener& listener) { return listener.loopback_only; });
    if (listeners.empty())
        checks.push_back(
            {"listening", CheckResult::fail, Weight::decides, "nothing listens on port " + port,
             "connect to host ... port " + port + ": Connection refused", service("restart")});
    else if (only_here)
        checks.push_back({"listening", CheckResult::note, Weight::decides,
                          "it listens on port " + port + " for clients of this machine only",
                          "connect to host ... port " + port + ": Connection refused",
                          where_is(login, "ListenAddress")});
    else
        checks.push_back({"listening", CheckResult::pass, Weight::decides,
                          "it listens on port " + port, "", ""});
}

void check_running(const LoginCase& login, LoginChecks& checks) {
    const auto& sshd = login.sshd;
    const bool listens = sshd.settings && !listeners_of(login).empty();
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
    if (!sshd.running.empty() && sshd.settings)
        check_listening(login, checks);
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

/// What another machine's sshd read it as.
void check_answer(const LoginCase& login, LoginChecks& checks) {
    const auto& sshd = login.sshd;
    if (!sshd.settings)
        return;
    checks.push_back({"config", CheckResult::pass, Weight::decides,
                      "this machine's sshd takes the configuration (sshd -T)", "", ""});
    if (!sshd.answered_by.empty())
        checks.push_back({"version", CheckResult::note, Weight::none, sshd.answered_by, "", ""});
}

std::string why_silent(const SshdFacts& sshd) {
    if (!sshd.silence.empty())
        return "cannot be told: " + sshd.silence;
    return geteuid() == 0 ? "sshd does not say how it is configured (sshd -T)"
                          : "sshd says only root how it is configured (sshd -T)";
}

} // namespace

void check_server(const LoginCase& login, LoginChecks& checks) {
    const auto& sshd = login.sshd;
    if (sshd.program.empty()) {
        checks.push_back(
            {"sshd", CheckResult::fail, Weight::decides, "there is no sshd",
             "connect to host ... port 22: Connection refused",
             login.advice.live("apt-get install openssh-server || dnf install openssh-server")});
        return;
    }
    if (sshd.config.empty()) {
        checks.push_back({"sshd", CheckResult::fail, Weight::decides, "sshd has no configuration",
                          "/etc/ssh/sshd_config: No such file or directory",
                          login.advice.live("apt-get install --reinstall -o "
                                            "Dpkg::Options::=--force-confmiss openssh-server || "
                                            "dnf reinstall openssh-server")});
        return;
    }
    checks.push_back({"sshd", CheckResult::pass, Weight::decides, sshd.program, "", ""});
    if (login.root.is_image()) {
        check_answer(login, checks);
    } else {
        check_test(login, checks);
        check_running(login, checks);
        check_age(login, checks);
    }
    if (!sshd.settings)
        checks.push_back(
            {"settings", CheckResult::unknown, Weight::decides, why_silent(sshd), "",
             login.advice.live(shell_word(sshd.program) + " -T -f " + shell_word(sshd.config))});
    else if (sshd.depends_on_the_client && !login.question.from)
        checks.push_back(
            {"match", CheckResult::unknown, Weight::decides,
             "a Match of the configuration asks where the client is: --from ADDR", "",
             login.advice.sshpermctl("explain", shell_word(login.question.user) + " --from ADDR")});
}

std::string service(const std::string& verb) {
    const bool is_ssh = access("/usr/lib/systemd/system/ssh.service", F_OK) == 0 ||
                        access("/lib/systemd/system/ssh.service", F_OK) == 0;
    return "systemctl " + verb + (is_ssh ? " ssh" : " sshd");
}

std::string where_is(const LoginCase& login, const std::string& keyword) {
    for (const auto& sshd : login.sshd.running)
        for (const auto& option : sshd.arguments.options)
            if (lowered(option).starts_with(lowered(keyword)))
                return service("cat") + "  # sshd was started with -o " + keyword;
    const auto search = login.advice.on("grep -ri " + keyword, login.sshd.config);
    return search.empty()
               ? search
               : search + "*  # change it" + login.advice.live(", then: " + service("reload"));
}

} // namespace sshpermd
