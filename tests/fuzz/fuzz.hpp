// What the fuzzers share: the promise that must hold, and values read out of the fuzzer's bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The entry point of libFuzzer. The bytes lie alone on the heap: reading beside them is reported.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

/// Ends the run with `promise` when it does not hold.
inline void check(bool holds, const char* promise) {
    if (holds)
        return;
    std::fprintf(stderr, "PROMISE BROKEN: %s\n", promise);
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// An empty view lies inside of everything.
inline bool lies_inside(std::string_view part, std::string_view whole) {
    const std::less_equal<> not_after;
    return part.empty() || (not_after(whole.data(), part.data()) &&
                            not_after(part.data() + part.size(), whole.data() + whole.size()));
}

inline bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// Hands out the fuzzer's bytes as values; zeros and empty texts when they are used up.
class Input {
  public:
    explicit Input(std::string_view bytes) : rest_(bytes) {}

    unsigned byte() {
        const auto part = take(1);
        return part.empty() ? 0 : static_cast<unsigned char>(part[0]);
    }
    unsigned word() {
        const auto high = byte();
        return high << 8U | byte();
    }
    /// A length in two bytes, then the text.
    std::string text() { return std::string{take(word())}; }
    /// A byte that says whether there is such a value, then the value.
    template <typename Read>
    auto maybe(Read read) {
        return byte() % 2 == 1 ? std::optional{read(*this)} : std::nullopt;
    }

  private:
    std::string_view take(std::size_t count) {
        const auto part = rest_.substr(0, count);
        rest_.remove_prefix(part.size());
        return part;
    }

    std::string_view rest_;
};

} // namespace fuzz
