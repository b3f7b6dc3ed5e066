#include "repairs/progress.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <iostream>
#include <string>

namespace sshpermd {
namespace {

/// Every line of progress begins so, and none of another kind, which may be long.
constexpr std::string_view mark = R"({"schema":"sshpermd.progress/1",)";

/// Accounts; fewer are looked at before anybody reads of it.
constexpr unsigned worth_showing = 100;

} // namespace

/// With spaces: not every terminal knows how to erase a line.
void clear_line() { std::cerr << '\r' << std::string(79, ' ') << '\r'; }

Progress::Progress(const Options& options)
    : is_shown_(options.verbosity != Verbosity::quiet && isatty(STDERR_FILENO) == 1) {}

bool Progress::show(std::string_view line) {
    if (!line.starts_with(mark))
        return false;
    const auto step = nlohmann::json::parse(line, nullptr, false);
    if (!is_shown_ || !step.is_object() || step.value("of", 0U) < worth_showing)
        return true;
    clear_line();
    std::cerr << step.value("looked_at", 0U) << " of " << step.value("of", 0U)
              << " accounts looked at, " << step.value("repaired", 0U) << " repairs" << std::flush;
    is_there_ = true;
    return true;
}

void Progress::clear() {
    if (is_there_)
        clear_line();
    std::cerr << std::flush;
    is_there_ = false;
}

} // namespace sshpermd
