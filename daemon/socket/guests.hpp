// Guests: who has connections to the status socket, so that nobody takes them all.
#pragma once

#include "system/status_socket.hpp"

#include <sys/types.h>

#include <map>
#include <optional>

namespace sshpermd {

class Guests {
  public:
    static constexpr unsigned most = 256;
    static constexpr unsigned most_of_one = 64;
    static constexpr unsigned most_followers = 16; ///< besides the others

    /// Those who may read: members of the group, and root.
    explicit Guests(std::optional<gid_t> group) : group_(group) {}

    bool may_read(const Peer& peer) const;

    /// Root always gets its own connections, whatever the others take.
    bool has_room_for(uid_t uid) const;
    void enter(uid_t uid);
    void leave(uid_t uid);

    bool has_room_for_follower() const { return followers_ < most_followers; }
    void enter_follower() { ++followers_; }
    void leave_follower() { --followers_; }

  private:
    std::optional<gid_t> group_;
    std::map<uid_t, unsigned> inside_; ///< connections by uid
    unsigned others_ = 0;              ///< of them, not root's
    unsigned followers_ = 0;
};

} // namespace sshpermd
