// Learning: what a round found right is remembered.
#pragma once

#include "keys/key_watch.hpp"
#include "reconcile/chain.hpp"
#include "record/memory.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace sshpermd {

/// How much a round may learn.
enum class Learn {
    nothing,
    objects, ///< which files they are
    content, ///< the keys in them, too: that needs reading
};

/// What was learned of one link at which state of it, so that nothing is learned twice. A value
/// that the caller keeps between rounds; the place in the chain is the place in the list.
struct Hint {
    std::uint64_t inode = 0;
    std::int64_t changed_us = 0;
    std::unique_ptr<const ContentFacts> withheld; ///< what is in a file that stays closed
    bool content = false;
};
using Hints = std::vector<Hint>;

struct Lesson {
    bool has_read = false;   ///< key files
    bool is_complete = true; ///< none of them was just being changed
    bool is_lasting = false; ///< hints say all of it: there is no more until something changes
};

/// Remembers the sound links of a chain after a round: right, or managed, and neither they nor
/// anything above them within others' reach. Pre: nothing was found frozen.
/// `watch`, if there is one, is told of every key file that is read. Throws std::system_error when
/// a key file cannot be read.
Lesson learn(const Chain& chain, Memory& memory, Learn learn, Hints* hints, KeyWatch* watch);

} // namespace sshpermd
