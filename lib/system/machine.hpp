// Machine: what a round may use of the system it runs on.
#pragma once

#include "system/chroot.hpp"
#include "system/in_flight.hpp"
#include "system/kernel.hpp"
#include "system/mounts.hpp"

namespace sshpermd {

struct Machine {
    Kernel kernel = Kernel::detect();
    Mounts mounts;
    Chroots chroots;
    InFlight* in_flight = nullptr; ///< where changes are noted while they are made; may be none

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
