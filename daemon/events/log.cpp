#include "events/log.hpp"

#include "store/journal.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <memory>
#include <utility>

namespace sshpermd {

LogTarget log_target(const std::string& choice) {
    if (choice == "journal")
        return {true, false};
    if (choice == "stderr")
        return {false, true};
    if (!journal_is_running())
        return {false, true};
    return {true, !stderr_is_journal() && isatty(STDERR_FILENO) == 1};
}

void set_up_diagnostics(const LogTarget& target, const std::string& level) {
    std::shared_ptr<spdlog::logger> logger;
    if (target.standard_error) {
        logger = std::make_shared<spdlog::logger>(
            "sshpermd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        logger->set_pattern("sshpermd: %l: %v");
    } else {
        logger = std::make_shared<spdlog::logger>(
            "sshpermd", std::make_shared<spdlog::sinks::systemd_sink_mt>("sshpermd"));
    }
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(std::move(logger));
}

} // namespace sshpermd
