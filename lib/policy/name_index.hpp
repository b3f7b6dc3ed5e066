// Name index: who is called so, for a hundred thousand who are known by their names elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sshpermd {

/// Names → ids, without the names: the caller, who has them, says whether an id is really meant.
/// A table with linear probing, eight bytes a slot: what is not where its hash says is in the slots
/// behind that, and no free one is between.
class NameIndex {
  public:
    /// There will be room for so many.
    void reserve(std::size_t count) {
        if (slots_for(count) > slots_.size())
            rehash(slots_for(count));
    }

    /// Pre: the id is not the largest there is.
    void add(std::string_view name, std::uint32_t id) {
        if (slots_for(size_ + 1) > slots_.size())
            rehash(slots_for(2 * (size_ + 1)));
        put({hash(name), id});
        ++size_;
    }

    void remove(std::string_view name, std::uint32_t id) {
        const auto found = find_slot(name, [id](std::uint32_t other) { return other == id; });
        if (!found)
            return;
        close_gap(*found);
        --size_;
    }

    /// Of those whose name may be this one the first for which `is_called(id)`.
    template <typename IsCalled>
    std::optional<std::uint32_t> find(std::string_view name, IsCalled is_called) const {
        const auto found = find_slot(name, is_called);
        return found ? std::optional{slots_[*found].id} : std::nullopt;
    }

    std::size_t size() const { return size_; }

  private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t id = none;

        static constexpr auto none = std::numeric_limits<std::uint32_t>::max();
        bool is_free() const { return id == none; }
    };

    static std::uint32_t hash(std::string_view name) {
        return static_cast<std::uint32_t>(std::hash<std::string_view>{}(name));
    }

    /// A quarter of them stays free.
    static std::size_t slots_for(std::size_t count) { return count + count / 3 + 1; }

    /// Where a hash belongs.
    std::size_t home_of(std::uint32_t hash) const {
        return static_cast<std::size_t>(std::uint64_t{hash} * slots_.size() >> 32U);
    }
    std::size_t after(std::size_t at) const { return at + 1 < slots_.size() ? at + 1 : 0; }
    std::size_t distance(std::size_t from, std::size_t to) const {
        return to >= from ? to - from : to + slots_.size() - from;
    }

    template <typename Is>
    std::optional<std::size_t> find_slot(std::string_view name, Is is) const {
        if (slots_.empty())
            return std::nullopt;
        const auto wanted = hash(name);
        for (auto at = home_of(wanted); !slots_[at].is_free(); at = after(at))
            if (slots_[at].hash == wanted && is(slots_[at].id))
                return at;
        return std::nullopt;
    }

    void put(Slot slot) {
        auto at = home_of(slot.hash);
        while (!slots_[at].is_free())
            at = after(at);
        slots_[at] = slot;
    }

    /// Those behind a gap that it would hide move into it.
    void close_gap(std::size_t gap) {
        for (auto at = after(gap); !slots_[at].is_free(); at = after(at)) {
            const auto home = home_of(slots_[at].hash);
            if (distance(home, at) >= distance(gap, at))
                slots_[std::exchange(gap, at)] = slots_[at];
        }
        slots_[gap] = {};
    }

    void rehash(std::size_t count) {
        const auto before = std::exchange(slots_, std::vector<Slot>(count));
        for (const auto& slot : before)
            if (!slot.is_free())
                put(slot);
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

/// The names of those in a vector: whatever is added to it, and nothing else, is told to this.
template <typename T>
class NamesOf {
  public:
    explicit NamesOf(const std::vector<T>& entries) : entries_(entries) {
        index_.reserve(entries.size());
        while (index_.size() < entries.size())
            added_one();
    }

    bool has(std::string_view name) const {
        return index_.find(name, [&](std::uint32_t i) { return entries_[i].name == name; })
            .has_value();
    }

    /// At the end of the vector.
    void added_one() {
        const auto i = static_cast<std::uint32_t>(index_.size());
        index_.add(entries_[i].name, i);
    }

  private:
    const std::vector<T>& entries_;
    NameIndex index_;
};

} // namespace sshpermd
