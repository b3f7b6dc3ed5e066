#include "explorer.hpp"

#include <cstdint>
#include <vector>

namespace model {
namespace {

/// Worlds by number, found by their word: open addressing, for there are millions.
class Worlds {
  public:
    Worlds() : slots_(std::size_t{1} << 20, none) {}

    std::size_t size() const { return words_.size(); }
    std::uint64_t word(std::uint32_t number) const { return words_[number]; }
    std::uint32_t parent(std::uint32_t number) const { return parents_[number]; }

    /// Its number, new or not.
    std::uint32_t add(std::uint64_t word, std::uint32_t parent) {
        if (words_.size() * 2 > slots_.size())
            grow();
        auto& slot = slots_[slot_of(word)];
        if (slot != none)
            return slot;
        slot = static_cast<std::uint32_t>(words_.size());
        words_.push_back(word);
        parents_.push_back(parent);
        return slot;
    }

  private:
    static constexpr std::uint32_t none = UINT32_MAX;

    std::size_t slot_of(std::uint64_t word) const {
        auto hash = word * 0x9E3779B97F4A7C15U;
        hash ^= hash >> 29;
        auto at = hash & (slots_.size() - 1);
        while (slots_[at] != none && words_[slots_[at]] != word)
            at = (at + 1) & (slots_.size() - 1);
        return at;
    }

    void grow() {
        slots_.assign(slots_.size() * 2, none);
        for (std::uint32_t number = 0; number < words_.size(); ++number)
            slots_[slot_of(words_[number])] = number;
    }

    std::vector<std::uint64_t> words_;
    std::vector<std::uint32_t> parents_;
    std::vector<std::uint32_t> slots_;
};

std::string name_between(const World& before, std::uint64_t after, const Algorithm& algorithm) {
    auto stepped = before;
    if (step(stepped, algorithm) && pack(stepped) == after)
        return std::string{"    daemon: "} + name_of_step(before) + "\n";
    for (const auto& deed : deeds(before))
        if (pack(deed.after) == after)
            return deed.name + "\n";
    return "?\n";
}

std::string story_of(const Worlds& worlds, std::uint32_t number, const Algorithm& algorithm) {
    std::vector<std::uint32_t> way{number};
    while (way.back() != 0)
        way.push_back(worlds.parent(way.back()));
    std::string story;
    for (auto at = way.rbegin(); at + 1 != way.rend(); ++at)
        story += name_between(unpack(worlds.word(*at)), worlds.word(*(at + 1)), algorithm);
    return story;
}

/// The daemon has begun to watch the home root, and looks at everybody once.
World first_world() {
    World world;
    world.daemon.marked = true;
    return world;
}

/// True when following the steps from here never ends: then the daemon is busy for ever.
bool goes_round(const std::vector<std::uint32_t>& next) {
    enum class Seen : std::uint8_t { never, now, before };
    std::vector<Seen> seen(next.size(), Seen::never);
    for (std::uint32_t start = 0; start < next.size(); ++start) {
        auto at = start;
        for (; seen[at] == Seen::never && next[at] != at; at = next[at])
            seen[at] = Seen::now;
        if (seen[at] == Seen::now)
            return true;
        for (at = start; seen[at] == Seen::now; at = next[at])
            seen[at] = Seen::before;
    }
    return false;
}

} // namespace

Verdict explore(const Algorithm& algorithm, int most_deeds) {
    Worlds worlds;
    std::vector<std::uint32_t> next; // by the daemon's step alone; itself where it waits
    worlds.add(pack(first_world()), 0);
    std::uint32_t begun = 0; // whose deeds are still to be done
    for (int done = 0;; ++done) {
        while (next.size() < worlds.size()) {
            const auto number = static_cast<std::uint32_t>(next.size());
            auto world = unpack(worlds.word(number));
            const bool waits = !step(world, algorithm);
            if (waits && !world.is_right())
                return {worlds.size(), false, story_of(worlds, number, algorithm)};
            next.push_back(waits ? number : worlds.add(pack(world), number));
        }
        const auto end = static_cast<std::uint32_t>(worlds.size());
        if (done == most_deeds || begun == end)
            break;
        for (; begun < end; ++begun)
            for (const auto& deed : deeds(unpack(worlds.word(begun))))
                worlds.add(pack(deed.after), begun);
    }
    if (goes_round(next))
        return {worlds.size(), false, "the daemon goes round for ever\n"};
    return {worlds.size(), true, {}};
}

} // namespace model
