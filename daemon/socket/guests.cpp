#include "socket/guests.hpp"

#include <algorithm>

namespace sshpermd {

bool Guests::may_read(const Peer& peer) const {
    const auto& groups = peer.groups;
    return peer.uid == 0 ||
           (group_ && std::find(groups.begin(), groups.end(), *group_) != groups.end());
}

bool Guests::has_room_for(uid_t uid) const {
    const auto known = inside_.find(uid);
    return (known == inside_.end() || known->second < most_of_one) &&
           (uid == 0 || others_ < most - most_of_one);
}

void Guests::enter(uid_t uid) {
    ++inside_[uid];
    others_ += uid == 0 ? 0U : 1U;
}

void Guests::leave(uid_t uid) {
    others_ -= uid == 0 ? 0U : 1U;
    if (--inside_[uid] == 0)
        inside_.erase(uid);
}

} // namespace sshpermd
