// Machine: what a round may use of the system it runs on, or of the image of another one.
#pragma once

#include "io/kernel.hpp"
#include "store/in_flight.hpp"
#include "system/chroot.hpp"
#include "system/image.hpp"
#include "system/launch_keys.hpp"
#include "system/mounts.hpp"
#include "system/uid_owner.hpp"

#include <vector>

namespace sshpermd {

struct Machine {
    Kernel kernel = Kernel::detect();
    Mounts mounts;
    Chroots chroots;
    InFlight* in_flight = nullptr; ///< where changes are noted while they are made; may be none

    const Image* image = nullptr; ///< what all paths are in, if not this machine; outlives this

    /// Does sshd want something of this account's home to be root's, as far as can be told?
    bool may_confine(const Account& account) {
        return image != nullptr ? image->may_chroot() : chroots.may_confine(account);
    }
    bool is_nobodys(uid_t uid) const {
        return image != nullptr ? image->is_nobodys(uid) : sshpermd::is_nobodys(uid);
    }
    /// What the cloud gave this machine, not the one whose image it works on.
    std::vector<LineHash> launch_keys() const {
        return image != nullptr ? std::vector<LineHash>{} : sshpermd::launch_keys();
    }

    void note_begin(Report& report) const {
        if (in_flight != nullptr && !report.slot)
            report.slot = in_flight->begin(report);
    }
    void note_done(const Report& report) const {
        if (in_flight != nullptr && report.slot)
            in_flight->done(*report.slot, report);
    }
    /// For a report that nobody needs to hear of: no record will free its slot.
    void forget(const Report& report) const {
        if (in_flight != nullptr && report.slot)
            in_flight->free(*report.slot);
    }
};

} // namespace sshpermd
