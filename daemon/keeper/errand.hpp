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
    std::vector<std::string> names;   ///< of whom was asked for; ids may pass to others meanwhile
    std::size_t next = 0;             ///< of these, or of everybody's ids
    Check result;                     ///< of what was found, what was not told yet
    Clock::time_point told_at{};      ///< how far it has come
    std::optional<AskedKey> key;      ///< to be added when the rest is done
    std::optional<Addition> addition; ///< what came of it
    std::optional<AskedUndo> undo;    ///< that, and nothing else

    Errand(RepairRequest wanted, Hand how, Reply to)
        : request(std::move(wanted)), hand(how), reply(std::move(to)) {}
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;

    /// Whose turn it is; null at the end.
    Inhabitant* next_of(const Keeper& keeper);

    bool is_about_everybody() const { return request.users.empty(); }

    /// A step at the beginning, and when a quarter of a second has passed since the last.
    void tell_step(std::size_t of) {
        constexpr std::chrono::milliseconds between{250};
        const auto now = Clock::now();
        if (now < told_at + between)
            return;
        told_at = now;
        reply(Step{result.summary.users, of, result.summary.repaired});
    }

    /// Told a handful at a time: what is kept of 100,000 homes, to be given back by another thread
    /// at once, holds up the loop for 0.1 s (a vector that moves, and malloc's lists).
    void found(CheckFinding finding) {
        constexpr std::size_t handful = 16;
        result.add(std::move(finding));
        if (result.findings.size() >= handful)
            reply(MoreFindings{std::exchange(result.findings, {})});
    }

    /// A keeper that goes, at a reload, leaves nobody waiting.
    ~Errand() {
        if (reply)
            reply(Problem{503, "the configuration was read again meanwhile; ask again"});
    }
};

} // namespace sshpermd
