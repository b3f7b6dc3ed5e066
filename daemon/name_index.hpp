// Name index: who is called so, for a hundred thousand who are known by their names elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace sshpermd {

/// Names → ids, without the names: the caller, who has them, says whether an id is really meant.
class NameIndex {
  public:
    void add(std::string_view name, std::uint32_t id) { ids_.emplace(hash(name), id); }

    void remove(std::string_view name, std::uint32_t id) {
        const auto [first, last] = ids_.equal_range(hash(name));
        for (auto at = first; at != last; ++at)
            if (at->second == id)
                return void(ids_.erase(at));
    }

    /// Of those whose name may be this one the first for which `is_called(id)`.
    template <typename IsCalled>
    std::optional<std::uint32_t> find(std::string_view name, IsCalled is_called) const {
        const auto [first, last] = ids_.equal_range(hash(name));
        for (auto at = first; at != last; ++at)
            if (is_called(at->second))
                return at->second;
        return std::nullopt;
    }

    std::size_t size() const { return ids_.size(); }

  private:
    static std::size_t hash(std::string_view name) { return std::hash<std::string_view>{}(name); }

    std::unordered_multimap<std::size_t, std::uint32_t> ids_;
};

} // namespace sshpermd
