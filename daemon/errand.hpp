// An errand: a request that is being carried out, an account at a time.
#pragma once

#include "exchange.hpp"
#include "keeper.hpp"

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
    std::optional<AskedKey> key;      ///< to be added when the rest is done
    std::optional<Addition> addition; ///< what came of it

    Errand(RepairRequest wanted, Hand how, Reply to)
        : request(std::move(wanted)), hand(how), reply(std::move(to)) {}
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;

    /// A keeper that goes, at a reload, leaves nobody waiting.
    ~Errand() {
        if (reply)
            reply(Problem{503, "the configuration was read again meanwhile; ask again"});
    }
};

} // namespace sshpermd
