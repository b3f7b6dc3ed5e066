#include "sshd/repair.hpp"

#include "complain.hpp"
#include "explain/config_lines.hpp"
#include "policy/fields.hpp"
#include "repairs/recorder.hpp"
#include "sshd/bench.hpp"
#include "sshd/text.hpp"
#include "store/repair_lock.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <variant>

namespace sshpermd {
namespace {

std::string service(const std::string& verb) {
    const bool is_ssh = access("/usr/lib/systemd/system/ssh.service", F_OK) == 0 ||
                        access("/lib/systemd/system/ssh.service", F_OK) == 0;
    return "systemctl " + verb + (is_ssh ? " ssh" : " sshd");
}

bool is_any(const SshdBench& bench, SshdResult result) {
    const auto& steps = bench.steps();
    return std::any_of(steps.begin(), steps.end(),
                       [&](const SshdStep& step) { return step.result == result; });
}

void run_steps(SshdBench& bench) {
    if (!check_program(bench))
        return;
    check_files(bench);
    check_config(bench);
    check_separation_user(bench);
    check_host_keys(bench);
    check_separation_dir(bench);
    check_accepted(bench);
    check_running(bench);
}

ExitCode verdict(const SshdBench& bench) {
    if (is_any(bench, SshdResult::failed))
        return ExitCode::failed;
    const bool is_wrong =
        is_any(bench, SshdResult::left) || is_any(bench, SshdResult::would_repair);
    return is_wrong ? ExitCode::wrong : ExitCode::ok;
}

ExitCode run(const Options& options, Recorder* recorder) {
    SshdBench bench{recorder};
    run_steps(bench);
    if (options.output == Output::json)
        std::cout << to_json(bench.steps(), options.dry_run) << '\n';
    else if (options.verbosity != Verbosity::quiet)
        print_sshd_steps(std::cout, bench.steps(), options.verbosity, color_for(options.color));
    return verdict(bench);
}

} // namespace

void check_running(SshdBench& bench) {
    const auto running = find_listening_sshds("/proc");
    const bool is_changed = is_any(bench, SshdResult::repaired);
    if (running.empty())
        return bench.add(step_of("running", SshdResult::note, {},
                                 "no sshd runs; systemd may start one for each connection",
                                 service("start")));
    const auto listeners = find_listeners("/proc");
    std::string ports;
    for (const auto line : fields_of(bench.settings().value_or(""), "\n")) {
        const auto words = fields_of(line, " ");
        const auto port =
            words.size() == 2 && words[0] == "port" ? decimal(words[1]) : std::nullopt;
        if (port && std::any_of(listeners.begin(), listeners.end(),
                                [&](const Listener& one) { return one.port == *port; }))
            ports += (ports.empty() ? " and listens at port " : ", ") + std::to_string(*port);
    }
    bench.add(step_of(
        "running", ports.empty() || is_changed ? SshdResult::note : SshdResult::ok, {},
        "sshd runs (process " + std::to_string(running.front().pid) + ")" +
            (ports.empty() ? ", and does not listen at the port of its configuration" : ports) +
            (is_changed ? "; it has not been restarted" : ""),
        ports.empty() || is_changed ? service("restart") : ""));
}

ExitCode repair_sshd(const Options& options) {
    if (geteuid() != 0)
        return complain("repair --sshd needs root, also with --dry-run: sudo sshpermctl repair "
                        "--sshd --dry-run",
                        ExitCode::permission_denied);
    if (options.dry_run)
        return run(options, nullptr);
    const auto lock = take_repair_lock(sshd_lock_path);
    if (std::holds_alternative<LockHolder>(lock))
        return complain("another sshpermctl repairs sshd; nothing was done here", ExitCode::failed);
    Recorder recorder{SSHPERMD_VERSION, Recorder::Kept::in_record_beside};
    return run(options, &recorder);
}

} // namespace sshpermd
