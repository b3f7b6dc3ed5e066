// Fuzzes the memory's file: as a file, and, because no fuzzer guesses a checksum, as the records in
// one.
#include "fuzz.hpp"

#include "record/memory_bytes.hpp"
#include "record/memory_record.hpp"

namespace {

using namespace sshpermd;

constexpr std::string_view machine = "machine:0123456789abcdef0123456789abcdef";

void check_memory(const Memory& memory) {
    const auto bytes = memory_bytes(machine, memory);
    const auto load = load_memory(bytes, machine);
    fuzz::check(load.good == bytes.size() && load.live == bytes.size(), "all of ours is good");
    fuzz::check(load.memory == memory, "a memory that is written is read back");
}

void check_file(std::string_view bytes) {
    const auto load = load_memory(bytes, machine);
    fuzz::check(load.good <= bytes.size(), "no more is good than there is");
    if (load.head != MemoryLoad::Head::right) {
        fuzz::check(load.good == 0 && load.memory == Memory{}, "without a head there is nothing");
        return;
    }
    const auto good = bytes.substr(0, load.good);
    const auto again = load_memory(good, machine);
    fuzz::check(again.good == load.good && again.memory == load.memory, "a cut tail was nothing");
    const Account nobody{"nobody at all", 1, 1, {}};
    auto more = load.memory;
    std::string frame;
    more.record_to([&frame](std::string_view record) { frame = memory_frame(record); });
    more.see(nobody);
    fuzz::check(load_memory(std::string{good} + frame, machine).memory == more,
                "what is appended behind the cut is read");
    check_memory(load.memory);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    check_file(text);

    std::string file = memory_head(machine);
    Memory memory;
    auto rest = text;
    while (!rest.empty()) { // records of a length in two bytes
        fuzz::Input input{rest};
        const auto record = input.text();
        rest.remove_prefix(std::min(rest.size(), record.size() + 2));
        const auto read = memory_record(record);
        fuzz::check(!read || to_bytes(*read) == record, "a record has one form");
        fuzz::check(memory.replay(record) == read.has_value(), "a record is replayed");
        if (read)
            file += memory_frame(record);
    }
    check_file(file);
    fuzz::check(load_memory(file, machine).memory == memory, "what is in a file is replayed");
    return 0;
}
