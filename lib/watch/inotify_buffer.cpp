#include "watch/inotify_buffer.hpp"

#include <sys/inotify.h>

#include <cstring>

namespace sshpermd {

bool InotifyBuffer::next(Change& change) {
    inotify_event head{};
    if (rest_.size() < sizeof head)
        return false;
    std::memcpy(&head, rest_.data(), sizeof head);
    const auto after = rest_.subspan(sizeof head);
    if (after.size() < head.len)
        return false;

    const auto* const name = reinterpret_cast<const char*>(after.data());
    change = {head.wd, head.mask, {name, head.len == 0 ? 0 : strnlen(name, head.len)}};
    rest_ = after.subspan(head.len);
    return true;
}

} // namespace sshpermd
