// Look-up: getpwnam_r(3) and its kin, with a buffer that is large enough.
#pragma once

#include <cerrno>
#include <cstddef>
#include <vector>

namespace sshpermd {

/// What a look-up says. "Not found" is getpwnam_r(3)'s return of 0 and nothing else: ENOENT is also
/// what comes of a service that is not there. For a line of nsswitch.conf with several services it
/// is the last one's word, whatever became of those before it.
enum class Found { yes, no, cannot_tell };

/// Calls one with (Entry*, char*, size_t, Entry**) until its buffer is large enough, and `take`
/// with what it finds, which is valid during the call only. Blocks as long as NSS does.
template <typename Entry, typename Call, typename Take>
Found look_up(Call call, Take take) {
    constexpr std::size_t longest = std::size_t{16} << 20U; // a group may have many members
    std::vector<char> buffer(16384);
    for (;;) {
        Entry entry{};
        Entry* found = nullptr;
        errno = EIO; // a service that fails need not say how
        const int error = call(&entry, buffer.data(), buffer.size(), &found);
        if (error == 0 && found != nullptr)
            take(*found);
        if (error == 0)
            return found != nullptr ? Found::yes : Found::no;
        if (error == EINTR)
            continue;
        if (error != ERANGE || buffer.size() >= longest)
            return Found::cannot_tell;
        buffer.resize(buffer.size() * 2);
    }
}

} // namespace sshpermd
