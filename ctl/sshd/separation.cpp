// Steps of `repair --sshd`: the account and the directory in which sshd takes its rights away.
#include "event/text.hpp"
#include "io/small_file.hpp"
#include "sshd/bench.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace sshpermd {
namespace {

constexpr const char* no_config = "/dev/null";
constexpr Inquirer::Limits for_useradd{std::chrono::seconds{60}, std::size_t{64} << 10U};
/// As distributions have them, the most particular first.
constexpr std::array<const char*, 5> usual_dirs{"/usr/share/empty.sshd", "/var/empty/sshd",
                                                "/run/sshd", "/var/lib/empty", "/var/empty"};

std::string first_there(const auto& paths, const char* otherwise) {
    for (const auto* const path : paths)
        if (access(path, F_OK) == 0)
            return path;
    return otherwise;
}

std::vector<std::string> useradd(const std::string& user) {
    constexpr std::array<const char*, 2> shells{"/usr/sbin/nologin", "/sbin/nologin"};
    std::vector<std::string> argv{"/usr/sbin/useradd",
                                  "--system",
                                  "--no-create-home",
                                  "--home-dir",
                                  first_there(usual_dirs, "/run/sshd"),
                                  "--shell",
                                  first_there(shells, "/bin/false"),
                                  "--comment",
                                  "Privilege-separated SSH"};
    const auto groups = "\n" + read_small_file("/etc/group").value_or("");
    if (groups.find("\n" + user + ":") != std::string::npos)
        argv.insert(argv.end(), {"--gid", user});
    argv.insert(argv.end(), {"--", user});
    return argv;
}

/// sshd's words about privilege separation do not depend on its configuration or on host keys.
std::optional<SshdComplaint> complaint(const SshdBench& bench, const std::string& with_user = {}) {
    std::vector<OtherContent> others;
    if (!with_user.empty())
        others.push_back({"/etc/passwd", read_small_file("/etc/passwd").value_or("") + with_user +
                                             ":x:65533:65534::/:/bin/false\n"});
    try {
        return bench.complaint_in_trial(no_config, others);
    } catch (const std::runtime_error&) { // no trials here: as far as it says so
        return with_user.empty() ? bench.complaint(bench.sshd().config) : std::nullopt;
    }
}

void add_user(SshdBench& bench, const std::string& user, SshdStep step) {
    const auto said = Inquirer{}.hear(useradd(user), for_useradd);
    step.result = said && said->status == 0 ? SshdResult::repaired : SshdResult::failed;
    if (step.result == SshdResult::repaired)
        step.summary += "; useradd has added it";
    else
        step.summary += "; useradd: " + (said ? said->text : "cannot be run");
    bench.add(std::move(step));
}

SshdStep about_dir(const SshdComplaint& complaint, std::string summary) {
    return step_of("directory", SshdResult::would_repair, complaint.subject, std::move(summary), {},
                   complaint.words);
}

void leave(SshdBench& bench, SshdStep step, const std::string& why, std::string fix) {
    step.result = SshdResult::left;
    step.summary += "; " + why;
    step.fix = std::move(fix);
    bench.add(std::move(step));
}

/// Where systemd wants it, /var/run is a link to /run.
std::string resolved(const std::string& path) {
    constexpr std::string_view old_run = "/var/run/";
    struct stat about {};
    const bool is_link = lstat("/var/run", &about) == 0 && S_ISLNK(about.st_mode);
    return is_link && path.starts_with(old_run) ? "/run/" + path.substr(old_run.size()) : path;
}

void make_dir(SshdBench& bench, const SshdComplaint& complaint) {
    auto step = about_dir(complaint, "sshd's directory for privilege separation is missing");
    const auto command = "install -d -m 0755 -o root -g root " + shell_word(complaint.subject);
    const auto held = hold_root_file(bench.kernel(), resolved(complaint.subject));
    if (!may_be_separation_dir(complaint.subject) || !held || !held->only_roots)
        return leave(bench, std::move(step), "it is not at a place where it would be made",
                     command);
    if (!std::holds_alternative<Missing>(held->found))
        return leave(bench, std::move(step), "something else is in its place",
                     "ls -ld " + shell_word(complaint.subject));
    if (bench.only_reports())
        return bench.add(std::move(step));
    if (mkdirat(held->dir.fd(), held->name.c_str(), 0755) != 0) {
        step.result = SshdResult::failed;
        step.summary += "; cannot make it: " + error_text(errno);
        return bench.add(std::move(step));
    }
    const auto made = hold_root_file(bench.kernel(), resolved(complaint.subject));
    const auto* const dir = made ? std::get_if<Handle>(&made->found) : nullptr;
    if (dir == nullptr)
        return leave(bench, std::move(step), "it has gone again", command);
    change_mode(bench.kernel(), dir->fd(), Mode{0755}); // whatever the umask
    step.after = attributes_of(dir->observe());
    step.result = SshdResult::repaired;
    step.summary += "; it is there now";
    bench.add(std::move(step));
}

void close_dir(SshdBench& bench, const SshdComplaint& complaint) {
    auto step =
        about_dir(complaint, "others could write sshd's directory for privilege separation");
    const auto held = hold_root_file(bench.kernel(), resolved(complaint.subject));
    const auto* const dir = held ? std::get_if<Handle>(&held->found) : nullptr;
    const auto command = "chown root:root " + shell_word(complaint.subject) + " && chmod 0755 " +
                         shell_word(complaint.subject);
    if (!may_be_separation_dir(complaint.subject) || dir == nullptr || !held->only_roots ||
        dir->observe().type != FileType::dir)
        return leave(bench, std::move(step), "it is not at a place where it would be changed",
                     command);
    bench.set(std::move(step), *dir, {dir->observe().mode & ~Mode{0022}, 0, 0});
}

} // namespace

void check_separation_user(SshdBench& bench) {
    const auto found = complaint(bench);
    if (!found || found->fault != SshdFault::no_user)
        return bench.add(
            step_of("user", SshdResult::ok, {}, "the account for privilege separation is there"));
    const auto& user = found->subject;
    auto step =
        step_of("user", SshdResult::would_repair, {},
                "the account " + user + " for privilege separation is missing", {}, found->words);
    if (!is_system_name(user) || !is_roots_program("/usr/sbin/useradd")) {
        std::string command;
        for (const auto& argument : useradd(user))
            command += (command.empty() ? "" : " ") + shell_word(argument);
        return leave(bench, std::move(step), "it is not added by useradd here", command);
    }
    if (bench.only_reports())
        return bench.add(std::move(step));
    add_user(bench, user, std::move(step));
}

void check_separation_dir(SshdBench& bench) {
    auto found = complaint(bench);
    if (found && found->fault == SshdFault::no_user) // of a run that only reports
        found = complaint(bench, found->subject);
    if (found && found->fault == SshdFault::no_directory)
        return make_dir(bench, *found);
    if (found && found->fault == SshdFault::open_directory)
        return close_dir(bench, *found);
    bench.add(step_of("directory", SshdResult::ok, {},
                      "sshd has nothing against its directory for privilege separation"));
}

} // namespace sshpermd
