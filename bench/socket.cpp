// Asks the status socket one question after the other, or loads it: on at SIGUSR1, off at SIGUSR2,
// and at SIGTERM it prints what was answered.
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "socket_client.hpp"
#include "socket_load.hpp"
#include "statistics.hpp"

namespace {

using namespace bench;

nlohmann::json ask(const std::string& socket, unsigned questions) {
    nlohmann::json json{{"accounts", accounts_known(socket)}};
    for (const std::string path : {"/v1/health", "/v1/status"}) {
        Samples samples;
        for (unsigned i = 0; i < questions; ++i)
            samples.push_back(time_of_answer(socket, path));
        json[path] = {{"p50", percentile(samples, 50)}, {"p99", percentile(samples, 99)}};
    }
    return json;
}

nlohmann::json load(const std::string& socket) {
    sigset_t orders;
    ::sigemptyset(&orders);
    for (const int signal : {SIGUSR1, SIGUSR2, SIGTERM})
        ::sigaddset(&orders, signal);
    ::sigprocmask(SIG_BLOCK, &orders, nullptr);
    SocketLoad load{socket};
    std::cout << "ready" << std::endl;
    for (int order = 0; order != SIGTERM; ::sigwait(&orders, &order)) {
        if (order == SIGUSR1)
            load.turn_on();
        else if (order == SIGUSR2)
            load.turn_off();
    }
    const auto& counts = load.counts();
    const double seconds = static_cast<double>(counts.on_us) / 1e6;
    return {{"seconds", seconds},
            {"answers_a_second", static_cast<double>(counts.answered) / seconds},
            {"late", counts.late.load()},
            {"refused", counts.refused.load()},
            {"followed", counts.lines.load()},
            {"followers", SocketLoad::followers}};
}

} // namespace

int main(int argc, char** argv) try {
    std::string socket;
    unsigned questions = 0;
    CLI::App app{"Asks the status socket of a running daemon, or loads it."};
    app.add_option("SOCKET", socket, "the status socket")->required();
    app.add_option("--questions", questions, "ask so many of each, one by one");
    CLI11_PARSE(app, argc, argv);

    std::cout << (questions > 0 ? ask(socket, questions) : load(socket)).dump() << std::endl;
    return 0;
} catch (const std::exception& error) {
    std::cerr << "socket: " << error.what() << '\n';
    return 1;
}
