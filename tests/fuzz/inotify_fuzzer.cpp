// Fuzzes the bytes of an inotify descriptor and what they mean at every kind of place.
#include "fuzz.hpp"

#include "watch/watch_map.hpp"

#include <sys/inotify.h>

#include <cstring>

namespace {

using namespace sshpermd;
using Wanted = Meaning::Wanted;

void check_meaning(PlaceKind kind, const Change& change) {
    static const WatchedNames names{"home", {"authorized_keys", "keys"}};
    const auto& name = change.name;
    const auto [wanted, appeared] = interpret(kind, change, names);

    const bool arrives = !name.empty() && (change.mask & (IN_CREATE | IN_MOVED_TO)) != 0;
    fuzz::check(!appeared || (arrives && wanted != Wanted::nothing), "what appears arrived");
    const bool is_any = kind == PlaceKind::home_root;
    const bool is_ours = kind == PlaceKind::above_root ? name == "home"
                         : kind == PlaceKind::home     ? name == ".ssh"
                         : kind == PlaceKind::ssh_dir
                             ? name == "authorized_keys" || name == "keys"
                             : name == "passwd" || name == "group" || name == "nsswitch.conf";
    const bool is_itself = name.empty() && kind != PlaceKind::account_files;
    fuzz::check((wanted != Wanted::nothing) == (is_any || is_ours || is_itself),
                "a look is asked for exactly when the name is one of ours");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::text_of(data, size);
    InotifyBuffer buffer{std::as_bytes(std::span{data, size})};
    std::size_t at = 0;
    Change change;
    while (buffer.next(change)) {
        inotify_event head{};
        std::memcpy(&head, data + at, sizeof head);
        const auto field = bytes.substr(at + sizeof head, head.len);
        fuzz::check(change.wd == head.wd && change.mask == head.mask,
                    "wd and mask are the event's");
        fuzz::check(field.size() == head.len && fuzz::lies_inside(change.name, field),
                    "the name lies inside its event");
        fuzz::check(change.name == field.substr(0, field.find('\0')), "the name has no padding");
        at += sizeof head + head.len;
        for (const auto kind : {PlaceKind::above_root, PlaceKind::home_root, PlaceKind::home,
                                PlaceKind::ssh_dir, PlaceKind::account_files})
            check_meaning(kind, change);
    }
    change.name = "untouched";
    fuzz::check(!buffer.next(change) && change.name == "untouched", "the end is the end");
    return 0;
}
