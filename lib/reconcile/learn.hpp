// Learning: what a round found right is remembered.
#pragma once

#include "keys/key_watch.hpp"
#include "policy/rare.hpp"
#include "reconcile/chain.hpp"
#include "record/memory.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace sshpermd {

/// How much a round may learn.
enum class Learn {
    nothing,
    objects, ///< which files they are
    content, ///< the keys in them, too: that needs reading
};

/// Which links of a chain were learned in which state, so that nothing is learned twice. A value
/// that the caller keeps between rounds, eight bytes for each link; a link is its place in the
/// chain.
class Hints {
  public:
    /// Was this learned, and with `content` also what is in it?
    bool has(std::size_t link, const Observed& observed, bool content) const;
    void learned(std::size_t link, const Observed& observed, bool content);

    /// What is in a file that stays closed; nothing when that was not kept, or it has changed.
    const ContentFacts* withheld(std::size_t link, const Observed& observed) const;
    void keep_withheld(std::size_t link, const Observed& observed, ContentFacts facts);

    void clear() { *this = {}; }

  private:
    struct Withheld {
        std::uint64_t mark = 0;
        ContentFacts facts;
    };

    /// Of the states that one link can have. Should two ever have the same, what the later one is
    /// like is learned when it changes again.
    static std::uint64_t mark_of(const Observed& observed, bool content);

    /// Of a link, 0 as long as there is none.
    std::uint64_t mark(std::size_t link) const;
    void set_mark(std::size_t link, std::uint64_t mark);

    /// Of the links that nearly every account has: home root, home, `.ssh` and a key file.
    std::array<std::uint64_t, 4> usual_{};
    struct More {
        std::vector<std::uint64_t> marks; ///< of the links behind those
        std::map<std::size_t, Withheld> withheld;
    };
    Rare<More> more_;
};

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
