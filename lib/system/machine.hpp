// Machine: what a round may use of the system it runs on.
#pragma once

#include "system/chroot.hpp"
#include "system/kernel.hpp"
#include "system/mounts.hpp"

namespace sshpermd {

class InFlight;

struct Machine {
    Kernel kernel = Kernel::detect();
    Mounts mounts;
    Chroots chroots;
    InFlight* in_flight = nullptr; ///< null: nobody keeps a record; outlives this
};

} // namespace sshpermd
