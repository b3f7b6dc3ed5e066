// Measures how much memory the daemon has for itself after it has repaired every home.
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "change.hpp"
#include "machine.hpp"
#include "report.hpp"

namespace {

using namespace bench;

struct Options {
    std::string root = "/home";
    pid_t daemon = 0;
    std::string json;
};

void run(const Options& options) {
    constexpr long goal_kib = 2048;                 // for ten homes
    const std::array changes{breaks[0], breaks[1]}; // one after the other: none with a hold
    int homes = 0;
    for (const auto& home : std::filesystem::directory_iterator(options.root)) {
        for (const auto& change : changes)
            break_and_wait(home.path(), change);
        ++homes;
    }
    std::this_thread::sleep_for(std::chrono::seconds(1)); // what is written later is written
    const auto usage = usage_of(options.daemon);
    std::printf("memory of sshpermd: %d homes, each repaired %zu times: %.1f MiB resident, %.1f of "
                "them its own%s\n",
                homes, changes.size(), static_cast<double>(usage.resident_kib) / 1024,
                static_cast<double>(usage.own_kib) / 1024,
                homes > 10                  ? ""
                : usage.own_kib <= goal_kib ? "   goal: 2 MiB of its own reached"
                                            : "   goal: 2 MiB of its own MISSED");
    add_to_report(
        options.json, "memory_" + std::to_string(homes) + "_homes", describe_machine(options.root),
        {{"homes", homes}, {"resident_kib", usage.resident_kib}, {"own_kib", usage.own_kib}});
}

} // namespace

int main(int argc, char** argv) try {
    Options options;
    CLI::App app{"Measures the memory of a daemon that looks after every home below a root."};
    app.add_option("--root", options.root, "the home root")->capture_default_str();
    app.add_option("--daemon-pid", options.daemon, "the daemon")->required();
    app.add_option("--json", options.json, "add the results to this file");
    CLI11_PARSE(app, argc, argv);

    run(options);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "memory: " << error.what() << '\n';
    return 1;
}
