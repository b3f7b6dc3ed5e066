// An errand: a request that is being carried out, an account at a time.
#pragma once

#include "exchange.hpp"
#include "keeper/keeper.hpp"

#include <optional>
#include <utility>

namespace sshpermd {

struct Keeper::Errand {
    RepairRequest request;
    Hand hand;   ///< whether it repairs or only looks
    Reply reply; ///< none once it was called
    std::vector<std::uint32_t> roots;
    std::size_t next_root = 0;
    std::vector<std::string> names; ///< ids may pass to others between two steps
    std::size_t next_name = 0;
    Check result;
    Clock::time_point told_at{};      ///< how far it has come
    std::optional<AskedKey> key;      ///< to be added when the rest is done
    std::optional<Addition> addition; ///< what came of it
    std::optional<AskedUndo> undo;    ///< that, and nothing else

    Errand(RepairRequest wanted, Hand how, Reply to)
        : request(std::move(wanted)), hand(how), reply(std::move(to)) {}
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;

    /// A step at the beginning, and when a quarter of a second has passed since the last.
    void tell_step() {
        constexpr std::chrono::milliseconds between{250};
        const auto now = Clock::now();
        if (now < told_at + between)
            return;
        told_at = now;
        reply(Step{next_name, names.size(), result.summary.repaired});
    }

    /// A keeper that goes, at a reload, leaves nobody waiting.
    ~Errand() {
        if (reply)
            reply(Problem{503, "the configuration was read again meanwhile; ask again"});
    }
};

} // namespace sshpermd
