// Packed values: what is kept of each of a hundred thousand accounts, in one block of bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace sshpermd {

/// Bytes that seldom change. One pointer, to a block that says itself how long it is.
class PackedBytes {
  public:
    PackedBytes() = default;
    /// With at least so much room: blocks that grow one after the other and are then all of a size
    /// leave no holes in the heap.
    explicit PackedBytes(std::string_view bytes, std::size_t room = 0) {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        if (size == 0)
            return;
        // NOLINTNEXTLINE(modernize-make-unique): no zeros
        block_.reset(new char[sizeof size + std::max(bytes.size(), room)]);
        std::memcpy(block_.get(), &size, sizeof size);
        std::memcpy(block_.get() + sizeof size, bytes.data(), size);
    }

    PackedBytes(const PackedBytes& other) : PackedBytes(other.view()) {}
    PackedBytes(PackedBytes&&) = default;
    PackedBytes& operator=(PackedBytes other) noexcept {
        block_.swap(other.block_);
        return *this;
    }
    ~PackedBytes() = default;

    /// As long-lived as this, wherever it is moved to.
    std::string_view view() const {
        if (!block_)
            return {};
        std::uint32_t size = 0;
        std::memcpy(&size, block_.get(), sizeof size);
        return {block_.get() + sizeof size, size};
    }

  private:
    std::unique_ptr<char[]> block_;
};

/// Writes values one behind the other.
class Packer {
  public:
    Packer() { bytes_.reserve(128); }

    /// Seven bits a byte, the lowest first: most are small.
    void number(std::size_t number) {
        for (; number >= 0x80U; number >>= 7U)
            bytes_.push_back(static_cast<char>((number & 0x7FU) | 0x80U));
        bytes_.push_back(static_cast<char>(number));
    }
    void bytes(std::string_view bytes) { bytes_.append(bytes); }
    void text(std::string_view text) {
        number(text.size());
        bytes(text);
    }

    std::string_view view() const { return bytes_; }

  private:
    std::string bytes_;
};

/// Reads them again. Pre: they were written in this order; it refers into them.
class Unpacker {
  public:
    explicit Unpacker(std::string_view packed) : rest_(packed) {}

    std::size_t number() {
        std::size_t number = 0;
        for (unsigned shift = 0;; shift += 7U) {
            const auto byte = static_cast<unsigned char>(bytes(1).front());
            number |= std::size_t{byte & 0x7FU} << shift;
            if (byte < 0x80U)
                return number;
        }
    }
    std::string_view bytes(std::size_t size) {
        const auto bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return bytes;
    }
    std::string_view text() { return bytes(number()); }

    std::string_view rest() const { return rest_; }

  private:
    std::string_view rest_;
};

} // namespace sshpermd
