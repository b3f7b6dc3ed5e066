#include "event/event.hpp"

#include <array>

namespace sshpermd {
namespace {

struct TypeFacts {
    std::string_view word;
    std::string_view message_id; ///< drawn once with `systemd-id128 new`; never changed
};

constexpr std::array<TypeFacts, event_types> types{{
    {"daemon.started", "62960d41dd5444b1abe682a2b7920d09"},
    {"daemon.stopping", "0fab8febd432491aa2c23e7b727c6748"},
    {"daemon.paused", "99106bdaa6344ed79d839777e7ad5a41"},
    {"daemon.resumed", "6b56b833a25846b6b5d71beb71fea162"},
    {"daemon.degraded", "1bd8028d415148819ed04c12cc60fbe7"},
    {"daemon.recovered", "6a5b19908a6846c09dcd658628dbe724"},
    {"config.reloaded", "3f140600b3da4bb097c484aab030ac35"},
    {"config.rejected", "7d05605f90c24788bf006d21f08985d6"},
    {"accounts.unavailable", "4b477530e67e4d9db89166e992f3e030"},
    {"user.added", "049c2a66b5704be591aebefe0250d055"},
    {"user.removed", "9ec30e1e9b124c9b89886a73fbea0274"},
    {"drift.detected", "b238970889c34229b8f9d9f48ad38e2b"},
    {"permission.repaired", "5e9dd7252e08463da5c210ece6954d19"},
    {"repair.refused", "7f23b721050e4c1cbc979bdaf5e0aaba"},
    {"repair.withheld", "ffa008461f8541de9056d3bc0101fce0"},
    {"repair.failed", "26954ef5689e4e2b9f91f800d2b6e3a5"},
    {"repair.interrupted", "381f1db5b78d4cc2bbfe83960a91da11"},
    {"tree.repaired", "abed733b0cc445ef9bb28d398589d98e"},
    {"home.created", "334b4a25bbdb4995b321ac4232a1aa62"},
    {"repair.undone", "88462f4cd893466eba05dbf43932e627"},
    {"flapping.started", "834ec405feb54bf99ffc8f0b72e75ec5"},
    {"flapping.ended", "65723bcddf2b45b49ea21f0652ead853"},
    {"fight.noticed", "edb1da06d191411faa1094326236418e"},
    {"storm.summarised", "a8b169b025344d9cb6849b83851cd75d"},
    {"key.added", "326262d1efd14cd9ba330215b49ebab0"},
    {"keys.changed", "0a31d5caa6e547d298ca46be8694c9be"},
    {"keys.unusable", "facc1cd43dba4c33bae4704d544693d3"},
    {"sshd.repaired", "dfc76540bbf9473489a114818f626910"},
    {"watch.lost", "e02c314d7e9a4e968be9e2e8fcd88b8b"},
    {"watch.overflow", "5a29f5d5148042408eb26067a9baf6ce"},
    {"watch.limit", "59e516b01f784848aa0e4d5e2b7e1494"},
    {"watch.dead", "69c196bff2534fd883ea10e24647f5ef"},
    {"watch.noisy", "93f6656b7292472c9a7b7e32486fd2ee"},
    {"watch.resumed", "a338aa21c220488bb4fc55acce9cf04f"},
    {"scan.completed", "10f001a4af7742f984c5e227be397d7d"},
    {"log.dropped", "e21f42c773b041398b3ddeb39c284991"},
    {"request.denied", "3fb8737cc56f426fbc4eaf0e6d350527"},
}};

} // namespace

std::string_view word(EventType type) { return types.at(static_cast<std::size_t>(type)).word; }

std::string_view message_id(EventType type) {
    return types.at(static_cast<std::size_t>(type)).message_id;
}

std::string_view word(Severity severity) {
    constexpr std::array<std::string_view, 6> words{"crit",   "err",  "warning",
                                                    "notice", "info", "debug"};
    return words.at(static_cast<std::size_t>(severity));
}

std::string_view word(Outcome outcome) {
    constexpr std::array<std::string_view, 6> words{"repaired", "refused",  "withheld",
                                                    "failed",   "reported", "none"};
    return words.at(static_cast<std::size_t>(outcome));
}

std::string_view word(Trigger trigger) {
    constexpr std::array<std::string_view, 9> words{"startup",  "inotify", "rescan",
                                                    "overflow", "mount",   "accounts",
                                                    "retry",    "reload",  "command"};
    return words.at(static_cast<std::size_t>(trigger));
}

std::string_view word(Trouble trouble) {
    constexpr std::array<std::string_view, all_troubles> words{"config_fallback",
                                                               "config_rejected",
                                                               "accounts_unavailable",
                                                               "no_proc",
                                                               "home_root_missing",
                                                               "no_inotify",
                                                               "watch_limit",
                                                               "watch_lost",
                                                               "watch_dead",
                                                               "watch_untested",
                                                               "record_failing",
                                                               "events_dropped",
                                                               "memory_failing",
                                                               "changes_unnoted",
                                                               "no_socket",
                                                               "no_group",
                                                               "paused"};
    return words.at(static_cast<std::size_t>(trouble));
}

int priority(Severity severity) {
    constexpr int crit = 2;
    return crit + static_cast<int>(severity);
}

} // namespace sshpermd
