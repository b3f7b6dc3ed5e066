// Measures how long a chmod lasts under sshpermd and, in the same minutes, under the minimal loop
// and a script; and under another build of sshpermd, when there is one to compare with.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "change.hpp"
#include "effort.hpp"
#include "event_log.hpp"
#include "machine.hpp"
#include "report.hpp"
#include "statistics.hpp"
#include "turns.hpp"

namespace {

using namespace bench;

/// Changes of each target under each watcher that are made but not counted.
constexpr unsigned warm_up = 100;

struct Options {
    std::string minimal_root, daemon_root, events;
    std::string other_root, other_events, script_root;
    pid_t minimal_pid = 0, daemon_pid = 0, other_pid = 0, script_pid = 0;
    Effort effort{5000};
    unsigned batch = 250, gap_us = 1000;
};

/// One watcher's side of the comparison.
struct Side {
    std::string name;
    pid_t process;
    std::string root;    ///< as it is called here; each daemon calls its own /home
    unsigned one_of = 1; ///< it gets one of so many changes, because it is slow
    std::vector<std::string> homes = homes_below(root);
    std::array<std::size_t, std::size(breaks)> next{}; ///< home, for each target
    Counts changes{};
    std::vector<std::vector<Samples>> batches =
        std::vector<std::vector<Samples>>(std::size(breaks));
};

Samples run_batch(Side& side, std::size_t target, unsigned count, unsigned gap_us) {
    const Break& change = breaks[target];
    Samples samples;
    for (unsigned i = 0; i < count; ++i) {
        const std::string& home = side.homes[side.next[target]++ % side.homes.size()];
        samples.push_back(break_and_wait(home, change));
        ++side.changes["/home" + home.substr(side.root.size()) + change.below_home];
        std::this_thread::sleep_for(std::chrono::microseconds(gap_us));
    }
    return samples;
}

/// Batch by batch, the sides in an order drawn anew: who comes after a busy one finds the processor
/// awake.
void measure(const Options& options, std::vector<Side>& sides) {
    for (auto& side : sides)
        for (std::size_t i = 0; i < std::size(breaks); ++i)
            run_batch(side, i, warm_up / side.one_of, options.gap_us);
    std::vector<Side*> order;
    for (auto& side : sides)
        order.push_back(&side);
    std::mt19937 draw(1); // NOLINT(cert-msc32-c,cert-msc51-cpp)
    for (unsigned done = 0; done < options.effort.changes; done += options.batch)
        for (std::size_t i = 0; i < std::size(breaks); ++i) {
            std::shuffle(order.begin(), order.end(), draw);
            for (auto* const side : order) {
                const auto count =
                    std::min(options.batch, options.effort.changes - done) / side->one_of;
                side->batches[i].push_back(
                    run_batch(*side, i, std::max(1U, count), options.gap_us));
            }
        }
}

Samples joined(const std::vector<Samples>& batches) {
    Samples all;
    for (const auto& batch : batches)
        all.insert(all.end(), batch.begin(), batch.end());
    return all;
}

constexpr double percents[] = {50, 90, 99, 99.9, 100};
constexpr const char* columns[] = {"p50", "p90", "p99", "p99.9", "max"};

Samples figures(const Samples& samples) {
    Samples result;
    for (const double percent : percents)
        result.push_back(percentile(samples, percent));
    return result;
}

double batch_ratio(const Side& a, const Side& b, std::size_t target, double percent) {
    Samples of_a;
    Samples of_b;
    for (const auto& batch : a.batches[target])
        of_a.push_back(percentile(batch, percent));
    for (const auto& batch : b.batches[target])
        of_b.push_back(percentile(batch, percent));
    return median_ratio(of_a, of_b);
}

void print_row(const char* target, const std::string& label, const Samples& values,
               const char* unit) {
    std::printf("  %-20s %-20s", target, label.c_str());
    for (const double value : values)
        std::printf(" %9.1f%s", value, unit);
    std::putchar('\n');
}

nlohmann::json to_json(const Samples& values) {
    nlohmann::json object;
    for (std::size_t i = 0; i < values.size(); ++i)
        object[columns[i]] = rounded(values[i]);
    return object;
}

nlohmann::json report_ratio(const Side& a, const Side& b, std::size_t target) {
    const double p50 = batch_ratio(a, b, target, 50);
    const double p99 = batch_ratio(a, b, target, 99);
    return {{"p50", rounded(p50)}, {"p99", rounded(p99)}};
}

/// One way to break a target: its rows of the table; returns the same for the JSON document.
nlohmann::json report_break(std::size_t target, const std::vector<Side>& sides) {
    const auto& minimal = sides[0];
    const auto& daemon = sides[1];
    const Samples theirs = figures(joined(minimal.batches[target]));
    const Samples ours = figures(joined(daemon.batches[target]));
    Samples ratio;
    for (std::size_t i = 0; i < ours.size(); ++i)
        ratio.push_back(ours[i] / theirs[i]);
    const double p50 = batch_ratio(daemon, minimal, target, 50);
    const double p99 = batch_ratio(daemon, minimal, target, 99);
    print_row(breaks[target].name, minimal.name, theirs, " ");
    print_row("", daemon.name, ours, " ");
    print_row("", "ratio", ratio, "x");
    const bool is_judged = (breaks[target].broken & 0022U) != 0;
    const auto goal = is_judged ? std::string{"no goal: the keys are read first"}
                                : std::string{"goal: p50 within 3x "} +
                                      (p50 <= 3 ? "reached" : "MISSED") + ", p99 within 6x " +
                                      (p99 <= 6 ? "reached" : "MISSED");
    std::printf("  %-20s %-20s %9.1fx %10s %9.1fx   %s\n", "", "ratio, batch median", p50, "", p99,
                goal.c_str());
    nlohmann::json json{{"minimal_us", to_json(theirs)},
                        {"sshpermd_us", to_json(ours)},
                        {"ratio", to_json(ratio)},
                        {"batch_median_ratio", report_ratio(daemon, minimal, target)}};
    for (std::size_t i = 2; i < sides.size(); ++i) {
        print_row("", sides[i].name, figures(joined(sides[i].batches[target])), " ");
        json[sides[i].name] = {{"us", to_json(figures(joined(sides[i].batches[target])))},
                               {"batch_median_ratio", report_ratio(sides[i], daemon, target)}};
        std::printf("  %-20s %-20s %9.2fx %10s %9.2fx   by sshpermd\n", "", "ratio, batch median",
                    batch_ratio(sides[i], daemon, target, 50), "",
                    batch_ratio(sides[i], daemon, target, 99));
    }
    return json;
}

nlohmann::json report_usage(const Side& side, const Usage& before) {
    const Usage after = usage_of(side.process);
    unsigned changes = 0;
    for (const auto& [path, count] : side.changes)
        changes += count;
    const double cpu = (after.cpu_us - before.cpu_us) / changes;
    std::printf(
        "  %-20s %-20s %9.1f us of processor time a repair, %.1f MiB resident, %.1f of them "
        "its own\n",
        "", side.name.c_str(), cpu, static_cast<double>(after.resident_kib) / 1024,
        static_cast<double>(after.own_kib) / 1024);
    return {{"cpu_us_per_repair", rounded(cpu)},
            {"resident_kib", after.resident_kib},
            {"own_kib", after.own_kib}};
}

void run(const Options& options) {
    const Machine machine = describe_machine(options.daemon_root);
    std::vector<Side> sides{{"minimal loop", options.minimal_pid, options.minimal_root},
                            {"sshpermd", options.daemon_pid, options.daemon_root}};
    if (!options.script_root.empty())
        sides.push_back({"inotifywait script", options.script_pid, options.script_root, 10});
    if (!options.other_root.empty())
        sides.push_back({"another build", options.other_pid, options.other_root});
    const auto count = sides[0].homes.size();
    for (const auto& side : sides)
        if (side.homes.size() != count)
            throw std::runtime_error("the trees differ in their number of homes");
    if (options.effort.changes + warm_up > 4 * count)
        throw std::runtime_error("too few homes: flap control would take part");

    take_processor(1, options.effort.is_first());
    std::vector<Usage> before;
    for (const auto& side : sides)
        before.push_back(usage_of(side.process));
    measure(options, sides);
    expect_one_event_per_change(options.events, sides[1].changes);
    if (!options.other_root.empty())
        expect_one_event_per_change(options.other_events, sides.back().changes);

    std::printf(
        "%s, %s\n\nchmod to restored, microseconds: %u changes a row, %zu homes each, every change "
        "with its event in the log\n",
        to_text(machine).c_str(), options.effort.scheduler_name(), options.effort.changes, count);
    std::printf("  %-20s %-20s", "broken", "watcher");
    for (const char* column : columns)
        std::printf(" %9s ", column);
    std::putchar('\n');
    nlohmann::json json{{"changes", options.effort.changes},
                        {"homes", count},
                        {"scheduler", options.effort.scheduler}};
    for (std::size_t i = 0; i < std::size(breaks); ++i)
        json[breaks[i].name] = report_break(i, sides);
    for (std::size_t i = 0; i < sides.size(); ++i)
        if (sides[i].one_of == 1) // a script's work is done by others
            json[sides[i].name] = report_usage(sides[i], before[i]);
    add_to_report(options.effort.json, "latency", machine, json);
}

} // namespace

int main(int argc, char** argv) try {
    Options options;
    CLI::App app{"Measures chmod to restored of two running watchers, side by side."};
    app.add_option("--minimal-root", options.minimal_root, "homes that minimal_loop watches")
        ->required();
    app.add_option("--minimal-pid", options.minimal_pid, "its process")->required();
    app.add_option("--daemon-root", options.daemon_root, "homes that sshpermd watches")->required();
    app.add_option("--daemon-pid", options.daemon_pid, "its process")->required();
    app.add_option("--events", options.events, "where sshpermd's standard error goes")->required();
    app.add_option("--script-root", options.script_root, "homes that script_watcher.sh watches");
    app.add_option("--script-pid", options.script_pid, "its process");
    app.add_option("--other-root", options.other_root, "homes that another build watches");
    app.add_option("--other-pid", options.other_pid, "its process");
    app.add_option("--other-events", options.other_events, "where its standard error goes");
    app.add_option("--batch", options.batch, "changes before the other watcher's turn")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--gap-us", options.gap_us, "rest after each change")->capture_default_str();
    add_options(app, options.effort, "changes of each target under each watcher");
    CLI11_PARSE(app, argc, argv);

    run(options);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "latency: " << error.what() << '\n';
    return 1;
}
