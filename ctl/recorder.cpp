#include "recorder.hpp"

#include "event/event_json.hpp"
#include "system/journal.hpp"

#include <iostream>
#include <utility>

namespace sshpermd {

Recorder::Recorder(std::string version)
    : stamper_(Source::sshpermctl, std::move(version)), to_journal_(journal_is_running()) {}

void Recorder::record(const Event& event) {
    const auto line = to_line(event, stamper_.next());
    if (!to_journal_ || !send_to_journal(event, line))
        std::cerr << line << '\n';
}

} // namespace sshpermd
