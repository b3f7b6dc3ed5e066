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

    /// Those who may read: members of the group, and root.
    explicit Guests(std::optional<gid_t> group) : group_(group) {}

    bool may_read(const Peer& peer) const;

    /// Root always gets its own connections, whatever the others take.
    bool has_room_for(uid_t uid) const;
    void enter(uid_t uid);
    void leave(uid_t uid);

  private:
    std::optional<gid_t> group_;
    std::map<uid_t, unsigned> inside_; ///< connections by uid
    unsigned others_ = 0;              ///< of them, not root's
};

} // namespace sshpermd
