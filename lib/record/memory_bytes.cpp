#include "record/memory_bytes.hpp"

#include "record/memory_record.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace sshpermd {
namespace {

constexpr std::string_view magic = "sshpmem\n";
constexpr std::uint32_t version = 1;
constexpr std::size_t machine_size = 40;
constexpr std::size_t number_size = 4;
constexpr std::size_t frame_head_size = 2 * number_size;
static_assert(magic.size() + number_size + machine_size + number_size == memory_head_size);

constexpr auto crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        auto crc = i;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
        table[i] = crc;
    }
    return table;
}();

/// CRC-32 of ISO 3309, as zlib's crc32(); `before` is that of the bytes before these.
constexpr std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0) {
    std::uint32_t crc = ~before;
    for (const char byte : bytes)
        crc = (crc >> 8U) ^ crc_table[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU];
    return ~crc;
}
static_assert(crc32("123456789") == 0xCBF43926U);

std::string number_bytes(std::size_t number) {
    std::string bytes;
    for (std::size_t i = 0; i < number_size; ++i, number >>= 8U)
        bytes.push_back(static_cast<char>(number & 0xFFU));
    return bytes;
}

/// `bytes` has at least four.
std::uint32_t number_of(std::string_view bytes) {
    std::uint32_t number = 0;
    for (std::size_t i = number_size; i-- > 0;)
        number = number << 8U | static_cast<unsigned char>(bytes[i]);
    return number;
}

MemoryLoad::Head judge_head(std::string_view bytes, std::string_view machine) {
    using enum MemoryLoad::Head;
    if (bytes.empty())
        return missing;
    if (bytes.size() < memory_head_size || !bytes.starts_with(magic))
        return unreadable;
    const auto head = bytes.substr(0, memory_head_size);
    if (number_of(head.substr(magic.size())) != version)
        return another_version;
    const auto covered = head.substr(0, memory_head_size - number_size);
    if (number_of(head.substr(covered.size())) != crc32(covered))
        return unreadable;
    return !machine.empty() && head == memory_head(machine) ? right : another_machine;
}

/// The record at the front; nothing when it is torn, damaged or longer than any of ours. The
/// checksum is also one of the length: zeros are no record of length 0.
std::optional<std::string_view> record_at_front(std::string_view bytes) {
    if (bytes.size() < frame_head_size)
        return std::nullopt;
    const std::size_t length = number_of(bytes);
    if (length > MemoryRecord::longest || length > bytes.size() - frame_head_size)
        return std::nullopt;
    const auto record = bytes.substr(frame_head_size, length);
    const auto sum = crc32(record, crc32(bytes.substr(0, number_size)));
    if (number_of(bytes.substr(number_size)) != sum)
        return std::nullopt;
    return record;
}

} // namespace

std::string memory_head(std::string_view machine) {
    std::string name{machine.substr(0, machine_size)};
    name.resize(machine_size, '\0');
    const auto covered = std::string{magic} + number_bytes(version) + name;
    return covered + number_bytes(crc32(covered));
}

std::string memory_frame(std::string_view record) {
    const auto covered = number_bytes(record.size()).append(record);
    return covered.substr(0, number_size).append(number_bytes(crc32(covered))).append(record);
}

std::string memory_bytes(std::string_view machine, const Memory& memory) {
    auto bytes = memory_head(machine);
    memory.visit_records(
        [&](const MemoryRecord& record) { bytes.append(memory_frame(to_bytes(record))); });
    return bytes;
}

MemoryLoad load_memory(std::string_view bytes, std::string_view machine) {
    MemoryLoad load;
    load.head = judge_head(bytes, machine);
    if (load.head != MemoryLoad::Head::right)
        return load;
    load.good = memory_head_size;
    while (const auto record = record_at_front(bytes.substr(load.good))) {
        if (!load.memory.replay(*record))
            break;
        load.good += frame_head_size + record->size();
    }
    load.live = memory_head_size;
    load.memory.visit_records(
        [&](const MemoryRecord& record) { load.live += frame_head_size + size_of(record); });
    return load;
}

} // namespace sshpermd
