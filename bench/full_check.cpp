// Measures a full check of all homes beside find over the same tree, as whole processes in turns.
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.hpp"
#include "report.hpp"
#include "statistics.hpp"

namespace {

using namespace bench;
using Command = std::vector<std::string>;

/// One contestant, and what its runs took.
struct Contestant {
    const char* name;
    const char* key; ///< its name in the JSON document
    Command command;
    Samples wall_ms{};
    Samples cpu_ms{};
};

pid_t spawn(const Command& command, int output) {
    std::vector<char*> arguments;
    for (const auto& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    pid_t child = 0;
    const int error =
        posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw std::system_error(error, std::generic_category(), command[0]);
    return child;
}

/// Returns what the child used; throws when it did not succeed.
rusage wait_for(pid_t child, const Command& command) {
    int status = 0;
    rusage usage{};
    while (::wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "wait4");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw std::runtime_error(command[0] + " failed, status " + std::to_string(status));
    return usage;
}

double milliseconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

void time_once(Contestant& contestant, int output) {
    const auto start = std::chrono::steady_clock::now();
    const rusage usage = wait_for(spawn(contestant.command, output), contestant.command);
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
    contestant.wall_ms.push_back(wall.count());
    contestant.cpu_ms.push_back(milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime));
}

std::string output_of(const Command& command) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe2");
    const pid_t child = spawn(command, ends[1]);
    ::close(ends[1]);
    std::string output;
    std::array<char, 65536> buffer{};
    for (ssize_t size = 0; (size = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
        output.append(buffer.data(), static_cast<std::size_t>(size));
    ::close(ends[0]);
    wait_for(child, command);
    return output;
}

/// Both must have looked at the same objects: the root, and three in each home.
void expect_full_look(const Command& find, const Command& check_json, std::size_t homes) {
    const std::size_t objects = 3 * homes + 1;
    std::size_t lines = 0;
    for (const char c : output_of(find))
        lines += c == '\n' ? 1 : 0;
    if (lines != objects)
        throw std::runtime_error("find saw " + std::to_string(lines) + " objects");
    const auto summary = nlohmann::json::parse(output_of(check_json)).at("summary");
    if (summary.at("users") != homes || summary.at("compliant") != objects)
        throw std::runtime_error("check saw something else: " + summary.dump());
}

nlohmann::json report(const Contestant& contestant, const Contestant& reference) {
    const double faster = median_ratio(reference.wall_ms, contestant.wall_ms);
    std::printf("  %-37s %9.1f %9.1f %9.2fx\n", contestant.name, median(contestant.wall_ms),
                median(contestant.cpu_ms), faster);
    return {{"median_ms", rounded(median(contestant.wall_ms))},
            {"cpu_ms", rounded(median(contestant.cpu_ms))},
            {"times_faster_than_find", rounded(faster)}};
}

struct Options {
    std::string root = "/home", ctl, config, json;
    std::size_t homes = 10'000;
    unsigned runs = 9;
    bool names = false;
};

void run(const Options& options) {
    const Machine machine = describe_machine(options.root);
    const Command check{options.ctl, "check", "--config", options.config};
    Command check_json = check;
    check_json.emplace_back("--json");
    const auto find = [&](const char* format) {
        return Command{"find", options.root, "-maxdepth", "3", "-printf", format};
    };
    std::vector<Contestant> contestants{
        {"find -printf '%m %U %G %p\\n'", "find_numeric", find("%m %U %G %p\\n")},
        {"sshpermctl check", "check", check},
        {"sshpermctl check --json", "check_json", check_json}};
    Contestant names{"find -printf '%m %u %g %p\\n'", "find_names", find("%m %u %g %p\\n")};

    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    expect_full_look(contestants[0].command, check_json, options.homes); // and warms the caches
    for (unsigned i = 0; i < options.runs; ++i)
        for (auto& contestant : contestants)
            time_once(contestant, nowhere);
    if (options.names)
        time_once(names, nowhere);

    std::printf("\na full look at %zu homes, milliseconds: median of %u runs in turns\n"
                "  %-37s %9s %9s %10s\n",
                options.homes, options.runs, "process", "wall", "cpu", "faster");
    nlohmann::json json{{"homes", options.homes}, {"runs", options.runs}};
    for (const auto& contestant : contestants)
        json[contestant.key] = report(contestant, contestants[0]);
    if (options.names) {
        std::printf("  %-37s %9.1f %9.1f   one run, for information\n", names.name,
                    names.wall_ms[0], names.cpu_ms[0]);
        json[names.key] = {{"ms", rounded(names.wall_ms[0])}};
    }
    const bool reached = median_ratio(contestants[0].wall_ms, contestants[1].wall_ms) >= 2;
    std::printf("  goal: check at least 2x faster than the numeric find %s\n",
                reached ? "reached" : "MISSED");
    add_to_report(options.json, "full_check", machine, json);
}

} // namespace

int main(int argc, char** argv) try {
    Options options;
    CLI::App app{"Measures sshpermctl check beside find."};
    app.add_option("--root", options.root, "the home root")->capture_default_str();
    app.add_option("--homes", options.homes, "how many homes it has")->capture_default_str();
    app.add_option("--ctl", options.ctl, "the sshpermctl to measure")->required();
    app.add_option("--config", options.config, "its configuration")->required();
    app.add_option("--runs", options.runs, "runs of each")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_flag("--names", options.names, "also one find with names instead of numbers");
    app.add_option("--json", options.json, "add the results to this file");
    CLI11_PARSE(app, argc, argv);

    run(options);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "full_check: " << error.what() << '\n';
    return 1;
}
