// Key events: what is told of what is new in a key file.
#pragma once

#include "event/event.hpp"
#include "keys/key_watch.hpp"
#include "policy/account.hpp"

#include <string>
#include <vector>

namespace sshpermd {

/// keys.changed, keys.unusable, or both. `path` is the file's.
std::vector<Event> events_of(const KeyNews& news, const Account& account, const std::string& path,
                             Trigger trigger);

} // namespace sshpermd
