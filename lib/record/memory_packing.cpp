#include "record/memory.hpp"

#include <algorithm>
#include <array>

// What is remembered of one account as bytes in memory: a user's name, a uid, whether keys were
// read, the things, and all that is left are lines.

namespace sshpermd {
namespace {

/// Of nearly all accounts: their places here stand for them.
constexpr std::array<std::string_view, 4> usual_things{"home", "ssh_dir", "authorized_keys",
                                                       "authorized_keys2"};

/// Three things and a key: with what the heap adds, 112 bytes.
constexpr std::size_t usual_room = 100;

} // namespace

std::string_view Memory::user_of(const PackedBytes& packed) {
    return Unpacker{packed.view()}.text();
}

Memory::Known Memory::unpack(const PackedBytes& packed) {
    Unpacker unpacker{packed.view()};
    Known known;
    known.user = unpacker.text();
    known.uid = static_cast<uid_t>(unpacker.number());
    known.has_read_keys = unpacker.number() != 0;
    known.things.resize(unpacker.number());
    for (auto& thing : known.things) {
        const auto name = unpacker.text();
        thing.name = name.empty() ? usual_things.at(unpacker.number()) : name;
        thing.known = unpacker.text();
        thing.withheld = unpacker.text();
    }
    known.lines = unpacker.rest();
    return known;
}

PackedBytes Memory::pack(const Known& known) {
    Packer packer;
    packer.text(known.user);
    packer.number(known.uid);
    packer.number(known.has_read_keys ? 1 : 0);
    packer.number(known.things.size());
    for (const auto& thing : known.things) {
        const auto* const usual = std::find(usual_things.begin(), usual_things.end(), thing.name);
        if (usual != usual_things.end()) {
            packer.text({});
            packer.number(static_cast<std::size_t>(usual - usual_things.begin()));
        } else {
            packer.text(thing.name);
        }
        packer.text(thing.known);
        packer.text(thing.withheld);
    }
    packer.bytes(known.lines);
    return PackedBytes{packer.view(), usual_room};
}

} // namespace sshpermd
