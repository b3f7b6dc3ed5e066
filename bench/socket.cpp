// Measures how fast the status socket answers, and what those who ask cost the ones who are
// repaired.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "change.hpp"
#include "effort.hpp"
#include "machine.hpp"
#include "report.hpp"
#include "socket_client.hpp"
#include "socket_load.hpp"
#include "turns.hpp"

namespace {

using namespace bench;

constexpr unsigned questions = 2000;
constexpr unsigned questions_after_repair = 50;
constexpr unsigned batch = 500;

struct Options {
    std::string socket = "/run/sshpermd/sshpermd.sock", root = "/home", record;
    Effort effort{4000};
};

using Before = std::function<void()>;

nlohmann::json measure_answer(const Options& options, const std::string& path, unsigned count,
                              const Before& before, bool has_goal) {
    Samples samples;
    for (unsigned i = 0; i < count; ++i) {
        before();
        samples.push_back(time_of_answer(options.socket, path));
    }
    const double p50 = percentile(samples, 50);
    const double p99 = percentile(samples, 99);
    const auto name = path + (has_goal || count == questions ? "" : ", just after a repair");
    std::printf("  %-40s %9.1f %9s %9.1f%s\n", name.c_str(), p50, "", p99,
                !has_goal    ? ""
                : p50 < 1000 ? "   goal: p50 below 1 ms reached"
                             : "   goal: p50 below 1 ms MISSED");
    return {{"p50", rounded(p50)}, {"p99", rounded(p99)}};
}

nlohmann::json measure_answers(const Options& options, Walk& walk) {
    const unsigned accounts = accounts_known(options.socket);
    if (accounts < walk.homes.size())
        throw std::runtime_error("the daemon knows " + std::to_string(accounts) + " accounts only");
    std::printf("answers over the socket, %u accounts, microseconds: %u of each, one by one\n"
                "  %-40s %9s %9s %9s\n",
                accounts, questions, "", "p50", "", "p99");
    const auto at_once = [] {};
    const auto after_repair = [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(150)); // one picture in a tenth
        walk.batch(1);
    };
    nlohmann::json json{{"accounts", accounts}};
    json["health"] = measure_answer(options, "/v1/health", questions, at_once, false);
    json["status"] = measure_answer(options, "/v1/status", questions, at_once, true);
    json["status_after_repair"] =
        measure_answer(options, "/v1/status", questions_after_repair, after_repair, false);
    std::putchar('\n');
    return json;
}

nlohmann::json measure_load(const Options& options, Walk& walk, const std::string& bystander) {
    SocketLoad load{options.socket, bystander};
    take_processor(1, options.effort.is_first()); // the load's processes run where they like
    std::vector<Circumstance> turns{
        {"socket and others quiet"}, {"the socket is asked"}, {"... and a bystander never quiet"}};
    std::vector<std::size_t> order{0, 1, 2};
    std::mt19937 draw(1); // NOLINT(cert-msc32-c,cert-msc51-cpp)
    walk.batch(100);
    for (unsigned done = 0; done < options.effort.changes; done += batch) {
        std::shuffle(order.begin(), order.end(), draw);
        for (const auto i : order) {
            if (i > 0)
                load.turn_on(i == 2 ? SocketLoad::Bystander::loud : SocketLoad::Bystander::quiet);
            turns[i].batches.push_back(walk.batch(batch));
            if (i > 0)
                load.turn_off();
        }
    }
    if (walk.most_of_one() > 4)
        throw std::runtime_error("too few homes: flap control would take part");
    if (load.counts().lines <
        static_cast<std::uint64_t>(SocketLoad::followers) * options.effort.changes)
        throw std::runtime_error("the followers were not told of every repair");
    expect_each_on_record(options.record, walk.changes);

    const auto& counts = load.counts();
    const double seconds = static_cast<double>(counts.on_us) / 1e6;
    const auto a_second = [&](std::uint64_t count) { return static_cast<double>(count) / seconds; };
    std::printf("chmod to restored while the socket is asked, microseconds: %u changes a row\n",
                options.effort.changes);
    nlohmann::json json{{"repairs", report_turns(turns)}};
    std::printf("  load: %u connections, %.0f answers a second (%llu late, %llu refused), %u "
                "followers got %.0f events a second, a bystander made %.0f changes a second\n",
                SocketLoad::connections, a_second(counts.answered),
                static_cast<unsigned long long>(counts.late),
                static_cast<unsigned long long>(counts.refused), SocketLoad::followers,
                a_second(counts.lines),
                static_cast<double>(counts.changes) * 1e6 / static_cast<double>(counts.loud_us));
    if (a_second(counts.answered) < 0.9 * SocketLoad::connections)
        std::printf("  not the load that was meant: too few answers\n");
    std::putchar('\n');
    json["load"] = {{"answers_a_second", rounded(a_second(counts.answered))},
                    {"late", counts.late.load()},
                    {"refused", counts.refused.load()},
                    {"followed_a_second", rounded(a_second(counts.lines))},
                    {"bystander_changes", counts.changes.load()}};
    return json;
}

void run(const Options& options) {
    const Machine machine = describe_machine(options.root);
    std::printf("%s, %s\n\n", to_text(machine).c_str(), options.effort.scheduler_name());
    Walk walk{options.root, homes_below(options.root)};
    if (walk.homes.size() < 2)
        throw std::runtime_error("needs two homes or more: one is the bystander's");
    const auto bystander = walk.homes.back();
    walk.homes.pop_back();
    auto answers = measure_answers(options, walk);
    auto load = measure_load(options, walk, bystander);
    add_to_report(options.effort.json, "socket", machine,
                  {{"changes", options.effort.changes},
                   {"scheduler", options.effort.scheduler},
                   {"answers", std::move(answers)},
                   {"load", std::move(load)}});
}

} // namespace

int main(int argc, char** argv) try {
    Options options;
    CLI::App app{"Measures the status socket of a running daemon, and repairs while it is asked."};
    app.add_option("--socket", options.socket, "the status socket")->capture_default_str();
    app.add_option("--root", options.root, "the home root")->capture_default_str();
    app.add_option("--record", options.record, "the directory of its record")->required();
    add_options(app, options.effort, "changes without and with load");
    CLI11_PARSE(app, argc, argv);

    run(options);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "socket: " << error.what() << '\n';
    return 1;
}
