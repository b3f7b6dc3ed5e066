// Measures how long a chmod lasts under each of several watchers, in turns, with and without what
// may disturb them. Reads from standard input what is to be measured, writes what was measured.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "change.hpp"
#include "side.hpp"
#include "statistics.hpp"

namespace {

using namespace bench;
using nlohmann::json;

/// Processes that are let go for a batch, and stopped after it.
struct Disturbance {
    std::string name;
    std::vector<pid_t> processes{};
    int on = SIGCONT;
    int off = SIGSTOP;
    std::chrono::milliseconds settle{100}; ///< after either

    void send(int signal) const {
        for (const pid_t process : processes)
            ::kill(process, signal);
    }
};

/// Batches of one side under one circumstance.
struct Row {
    std::size_t side;
    Disturbance disturbance; ///< without a name: none
    std::vector<std::vector<Samples>> batches;
};

void run_turn(Row& row, Side& side, std::size_t group, unsigned count) {
    if (!row.disturbance.name.empty()) {
        row.disturbance.send(row.disturbance.on);
        std::this_thread::sleep_for(row.disturbance.settle);
    }
    try {
        row.batches[group].push_back(side.batch(group, count));
    } catch (const std::exception& error) {
        row.disturbance.send(row.disturbance.off);
        throw std::runtime_error(side.name + ", " + row.disturbance.name + ": " + error.what());
    }
    if (!row.disturbance.name.empty()) {
        row.disturbance.send(row.disturbance.off);
        std::this_thread::sleep_for(row.disturbance.settle);
    }
}

/// In an order drawn anew for each turn: who comes after a busy one finds the processor awake.
void measure(std::vector<Row>& rows, std::vector<Side>& sides, const json& request) {
    constexpr unsigned warm_up = 50;
    const unsigned changes = request.at("changes");
    const unsigned batch = request.at("batch");
    for (auto& side : sides)
        for (std::size_t group = 0; group < side.groups.size(); ++group)
            side.batch(group, std::max(1U, warm_up / side.one_of));
    std::vector<Row*> order;
    for (auto& row : rows)
        order.push_back(&row);
    std::mt19937 draw(1); // NOLINT(cert-msc32-c,cert-msc51-cpp)
    for (unsigned done = 0; done < changes; done += batch)
        for (std::size_t group = 0; group < sides.front().groups.size(); ++group) {
            std::shuffle(order.begin(), order.end(), draw);
            for (Row* const row : order) {
                auto& side = sides[row->side];
                run_turn(*row, side, group,
                         std::max(1U, std::min(batch, changes - done) / side.one_of));
            }
        }
}

std::vector<Row> rows_of(const json& request, const std::vector<Side>& sides) {
    std::vector<Row> rows;
    const auto groups = sides.front().groups.size();
    for (std::size_t i = 0; i < sides.size(); ++i) {
        rows.push_back({i, {}, std::vector<std::vector<Samples>>(groups)});
        for (const auto& one : request.at("disturbances")) {
            const std::vector<std::string> whose = one.at("sides");
            if (std::find(whose.begin(), whose.end(), sides[i].name) == whose.end())
                continue;
            Disturbance disturbance{one.at("name")};
            disturbance.processes = one.at("processes").get<std::vector<pid_t>>();
            disturbance.on = one.value("on", SIGCONT);
            disturbance.off = one.value("off", SIGSTOP);
            disturbance.settle = std::chrono::milliseconds(one.value("settle_ms", 100));
            rows.push_back({i, disturbance, std::vector<std::vector<Samples>>(groups)});
        }
    }
    return rows;
}

json figures_of(const std::vector<Samples>& batches) {
    Samples all;
    json medians = json::array();
    json tails = json::array();
    for (const auto& batch : batches) {
        all.insert(all.end(), batch.begin(), batch.end());
        medians.push_back(percentile(batch, 50));
        tails.push_back(percentile(batch, 99));
    }
    return {{"changes", all.size()},          {"p50", percentile(all, 50)},
            {"p90", percentile(all, 90)},     {"p99", percentile(all, 99)},
            {"p99.9", percentile(all, 99.9)}, {"max", percentile(all, 100)},
            {"batch_p50", medians},           {"batch_p99", tails}};
}

json run(const json& request) {
    auto sides = request.at("sides").get<std::vector<Side>>();
    auto rows = rows_of(request, sides);
    take_processor(1, request.at("scheduler") == "fifo");
    std::vector<Usage> before;
    for (const auto& side : sides)
        before.push_back(usage_of(side.process));
    measure(rows, sides, request);
    json answer{{"rows", json::array()}, {"cpu_us_a_repair", json::object()}};
    for (const auto& row : rows) {
        const auto& side = sides[row.side];
        for (std::size_t group = 0; group < side.groups.size(); ++group)
            answer["rows"].push_back({{"side", side.name},
                                      {"with", row.disturbance.name},
                                      {"broken", side.name_of(group)},
                                      {"us", figures_of(row.batches[group])}});
    }
    for (std::size_t i = 0; i < sides.size(); ++i) {
        const double used = usage_of(sides[i].process).cpu_us - before[i].cpu_us;
        answer["cpu_us_a_repair"][sides[i].name] = used / sides[i].changes_made();
        sides[i].expect_each_on_record();
    }
    return answer;
}

} // namespace

int main() try {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    std::cout << run(json::parse(text)).dump() << std::endl;
    return 0;
} catch (const std::exception& error) {
    std::cerr << "latency: " << error.what() << '\n';
    return 1;
}
