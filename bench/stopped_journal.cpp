// Measures repairs of two daemons in turns: one whose journal reads, one whose journal is stopped.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "change.hpp"
#include "effort.hpp"
#include "machine.hpp"
#include "report.hpp"
#include "turns.hpp"

namespace {

using namespace bench;

struct Options {
    std::string root = "/home", record, stopped_root, stopped_record;
    Effort effort{10'000};
};

void run(const Options& options) {
    constexpr unsigned batch = 500;
    const Machine machine = describe_machine(options.root);
    Walk reading{options.root, homes_below(options.root)};
    Walk stopped{options.stopped_root, homes_below(options.stopped_root)};
    if (options.effort.changes / 2 > 4 * std::min(reading.homes.size(), stopped.homes.size()))
        throw std::runtime_error("too few homes: flap control would take part");
    take_processor(1, options.effort.is_first());
    reading.batch(100);
    stopped.batch(100);
    Circumstance reads{"a journal that reads"};
    Circumstance stands{"a journal that is stopped"};
    for (unsigned done = 0; done < options.effort.changes; done += batch) {
        const auto count = std::min(batch, options.effort.changes - done);
        const bool stopped_is_first = done / batch % 2 == 1;
        if (stopped_is_first)
            stands.batches.push_back(stopped.batch(count));
        reads.batches.push_back(reading.batch(count));
        if (!stopped_is_first)
            stands.batches.push_back(stopped.batch(count));
    }
    expect_each_on_record(options.record, reading.changes);
    expect_each_on_record(options.stopped_record, stopped.changes);
    std::printf("chmod to restored while journald is stopped, microseconds: %u changes a row, %zu "
                "homes each\n",
                options.effort.changes, stopped.homes.size());
    nlohmann::json json{{"repairs", report_turns({reads, stands})}};
    std::printf("  every repair is in the record, with either journal\n\n");
    json["changes"] = options.effort.changes;
    json["homes"] = stopped.homes.size();
    json["scheduler"] = options.effort.scheduler;
    add_to_report(options.effort.json, "stopped_journal", machine, json);
}

} // namespace

int main(int argc, char** argv) try {
    Options options;
    CLI::App app{"Measures two running daemons, one of which sends to a journal that is stopped."};
    app.add_option("--root", options.root, "homes of the one whose journal reads")
        ->capture_default_str();
    app.add_option("--record", options.record, "the directory of its record")->required();
    app.add_option("--stopped-root", options.stopped_root, "homes of the other")->required();
    app.add_option("--stopped-record", options.stopped_record, "its record")->required();
    add_options(app, options.effort, "changes under each");
    CLI11_PARSE(app, argc, argv);

    run(options);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "stopped_journal: " << error.what() << '\n';
    return 1;
}
