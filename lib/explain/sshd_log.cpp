#include "explain/sshd_log.hpp"

#include "policy/fields.hpp"

#include <systemd/sd-journal.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace sshpermd {
namespace {

constexpr std::size_t most_lines = 5000;
constexpr std::chrono::hours longest_ago{72};

using Journal = std::unique_ptr<sd_journal, decltype(&sd_journal_close)>;

Journal open_journal() {
    sd_journal* journal = nullptr;
    if (sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
        journal = nullptr;
    return {journal, &sd_journal_close};
}

/// Nobody but root's processes: what others say in sshd's name is not sshd's.
bool limit_to_sshd(sd_journal* journal) {
    return sd_journal_add_match(journal, "_UID=0", 0) >= 0 &&
           sd_journal_add_match(journal, "SYSLOG_IDENTIFIER=sshd", 0) >= 0 &&
           sd_journal_add_match(journal, "SYSLOG_IDENTIFIER=sshd-session", 0) >= 0;
}

std::string field_of(sd_journal* journal, const std::string& name) {
    const void* data = nullptr;
    std::size_t length = 0;
    if (sd_journal_get_data(journal, name.c_str(), &data, &length) < 0 || length <= name.size())
        return {};
    return {static_cast<const char*>(data) + name.size() + 1, length - name.size() - 1};
}

} // namespace

std::vector<LogLine> read_sshd_log() {
    std::vector<LogLine> lines;
    const auto journal = open_journal();
    if (!journal || !limit_to_sshd(journal.get()) || sd_journal_seek_tail(journal.get()) < 0)
        return lines;
    const auto oldest = std::chrono::duration_cast<std::chrono::microseconds>(
                            (std::chrono::system_clock::now() - longest_ago).time_since_epoch())
                            .count();
    while (lines.size() < most_lines && sd_journal_previous(journal.get()) > 0) {
        std::uint64_t time = 0;
        if (sd_journal_get_realtime_usec(journal.get(), &time) < 0 ||
            static_cast<std::int64_t>(time) < oldest)
            break;
        const auto pid = decimal(field_of(journal.get(), "_PID")).value_or(0);
        lines.push_back({static_cast<std::int64_t>(time), static_cast<std::int64_t>(pid),
                         field_of(journal.get(), "MESSAGE")});
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

} // namespace sshpermd
